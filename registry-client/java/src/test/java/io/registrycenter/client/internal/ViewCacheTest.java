package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.put;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that starts while no registry can be reached has the view its former process had. */
class ViewCacheTest {

    private static final Duration HOLD = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private FakeWorld world() {
        return new FakeWorld(1, Runnable::run, HOLD, directory);
    }

    /** A world that begins so long after another one began. */
    private FakeWorld later(FakeWorld former, Duration time) {
        FakeWorld next = world();
        next.wallClock = former.wallClock.plus(time);
        return next;
    }

    private static long id(Peer<WatchRequest, WatchResponse> peer, int which) {
        return peer.said().get(1 + which).getSubscribe().getSubscriptionId();
    }

    private static void sync(FakeWorld world, long revision, io.registrycenter.proto.v1.Instance... instances) {
        Peer<WatchRequest, WatchResponse> peer = world.server().watch();
        peer.send(welcome());
        peer.send(snapshot(id(peer, 0), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, revision), instances));
    }

    private static List<String> ids(Watch watch) {
        return watch.instances().stream().map(Instance::id).toList();
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Test
    void restart_registryDown_hasTheLastViewStaleWithItsAge() {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5), instance("b", 7));
        former.pass(Duration.ofSeconds(1));
        former.close();

        try (FakeWorld next = later(former, Duration.ofMinutes(10))) {
            next.server().stop();
            RecordingListener listener = new RecordingListener();
            Watch watch = next.client.watch("orders", listener);
            assertThat(ids(watch)).containsExactly("a", "b");
            assertThat(watch.instances().get(0).service()).isEqualTo("orders");
            assertThat(watch.instances().get(0).createdRevision()).isEqualTo(5);
            assertThat(watch.view().cursor()).isEqualTo(new Cursor(EPOCH, 7));
            assertThat(watch.view().stale()).isTrue();
            assertThat(watch.view().staleFor()).isEqualTo(Duration.ofMinutes(10).minusSeconds(1));
            assertThat(watch.synced().toCompletableFuture()).isNotDone();
            assertThat(listener.take()).containsExactly("snapshot CACHED", "+a@5", "+b@7");
        }
    }

    @Test
    void restart_registryUp_resumesFromTheRememberedCursor() {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5));
        former.close();

        try (FakeWorld next = later(former, Duration.ofMinutes(1))) {
            RecordingListener listener = new RecordingListener();
            Watch watch = next.client.watch("orders", listener);
            Peer<WatchRequest, WatchResponse> peer = next.server().watch();
            assertThat(peer.said().get(1).getSubscribe().getCursor()).isEqualTo(cursor(EPOCH, 7));
            listener.take();
            peer.send(welcome());
            peer.send(deltas(id(peer, 0), delta(7, 9, put(instance("b", 9)))));
            assertThat(listener.take()).containsExactly("+b@9");
            assertThat(ids(watch)).containsExactly("a", "b");
            assertThat(watch.view().stale()).isFalse();
            assertThat(next.connected.get(0).resumed()).isTrue();
        }
    }

    @Test
    void crash_withoutClose_hasWhatWasWrittenAMomentBefore() {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5));
        assertThat(files()).as("not on the hot path").isEmpty();
        former.pass(Duration.ofSeconds(1));
        former.server().watch().send(deltas(1, delta(7, 8, put(instance("b", 8)))));
        former.server().watch().send(deltas(1, delta(8, 9, put(instance("c", 9)))));
        former.pass(Duration.ofSeconds(1));

        try (FakeWorld next = later(former, Duration.ofSeconds(30))) {
            assertThat(ids(next.client.watch("orders", new RecordingListener())))
                    .containsExactly("a", "b", "c");
        }
        former.close();
    }

    @Test
    void heartbeats_withoutChanges_keepTheProofYoung() {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5));
        for (int i = 0; i < 30; i++) {
            former.pass(Duration.ofSeconds(20));
            former.server().watch().send(heartbeat(0, 1, cursor(EPOCH, 8 + i)));
        }
        try (FakeWorld next = later(former, Duration.ofSeconds(601))) {
            Watch watch = next.client.watch("orders", new RecordingListener());
            assertThat(watch.view().staleFor()).isLessThanOrEqualTo(Duration.ofSeconds(62));
        }
        former.close();
    }

    @Test
    void interests_manyOfANamespace_areInOneFileAndNoneIsForgotten() {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5));
        former.close();
        FakeWorld second = later(former, Duration.ofMinutes(1));
        Interest labelled = Interest.service("default", "orders").withLabels(Map.of("zone", "z1"));
        second.client.watch(labelled, new RecordingListener());
        sync(second, 9, instance("b", 9));
        second.close();
        assertThat(files()).extracting(file -> file.getFileName().toString()).containsExactly("default.views");

        try (FakeWorld third = later(former, Duration.ofMinutes(2))) {
            assertThat(ids(third.client.watch("orders", new RecordingListener())))
                    .containsExactly("a");
            assertThat(ids(third.client.watch(labelled, new RecordingListener())))
                    .containsExactly("b");
            assertThat(ids(third.client.watch("payments", new RecordingListener())))
                    .isEmpty();
        }
    }

    @Test
    void held_restart_areStillHeldAndDroppedAtTheEnd() {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5), instance("b", 7));
        former.server().watch().fail(Status.UNAVAILABLE.asRuntimeException());
        former.pass(former.report().nextAttemptIn());
        Peer<WatchRequest, WatchResponse> wiped = former.server().watch();
        wiped.send(snapshot(
                id(wiped, 0), SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED, cursor("e2", 2), instance("a", 2)));
        former.close();

        try (FakeWorld next = later(former, Duration.ofMinutes(1))) {
            Watch watch = next.client.watch("orders", new RecordingListener());
            assertThat(watch.view().held()).extracting(Instance::id).containsExactly("b");
            Peer<WatchRequest, WatchResponse> peer = next.server().watch();
            peer.send(welcome());
            peer.send(heartbeat(id(peer, 0), 0, cursor("e2", 2)));
            next.pass(HOLD.minusSeconds(1));
            assertThat(ids(watch)).containsExactly("a", "b");
            next.pass(Duration.ofSeconds(1));
            assertThat(ids(watch)).containsExactly("a");
        }
    }

    @Test
    void file_damagedAnywhere_isIgnoredAndReplaced() throws IOException {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5));
        former.close();
        Path file = directory.resolve("default.views");
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 0x55;
            Files.write(file, bad);
            assertNothingRemembered("byte " + at);
            Files.write(file, java.util.Arrays.copyOf(good, at));
            assertNothingRemembered("cut at " + at);
        }
        Files.writeString(file, "something else that somebody put here");
        try (FakeWorld next = world()) {
            next.client.watch("orders", new RecordingListener());
            sync(next, 9, instance("b", 9));
        }
        try (FakeWorld third = world()) {
            assertThat(ids(third.client.watch("orders", new RecordingListener())))
                    .containsExactly("b");
        }
    }

    private void assertNothingRemembered(String damage) {
        try (FakeWorld next = world()) {
            next.server().stop();
            assertThat(ids(next.client.watch("orders", new RecordingListener())))
                    .as(damage)
                    .isEmpty();
        }
    }

    @Test
    void file_ofAnotherNamespace_isIgnored() throws IOException {
        FakeWorld former = world();
        former.client.watch(Interest.service("other", "orders"), new RecordingListener());
        sync(former, 7, instance("a", 5));
        former.close();
        Files.move(directory.resolve("other.views"), directory.resolve("default.views"));
        assertNothingRemembered("another namespace");
    }

    @Test
    void unfinishedFile_ofAKilledProcess_isCleanedUp() throws IOException {
        Files.write(directory.resolve("default.views.123.unfinished"), new byte[] {1, 2, 3});
        try (FakeWorld world = world()) {
            world.client.watch("orders", new RecordingListener());
            sync(world, 7, instance("a", 5));
            world.pass(Duration.ofSeconds(1));
            assertThat(files())
                    .extracting(file -> file.getFileName().toString())
                    .containsExactly("default.views");
        }
    }

    @Test
    void directory_notThere_isMade_andOneThatCannotBeIsNoHarm() throws IOException {
        Path blocked = Files.createFile(directory.resolve("file"));
        try (FakeWorld world = new FakeWorld(1, Runnable::run, HOLD, blocked.resolve("below"))) {
            Watch watch = world.client.watch("orders", new RecordingListener());
            sync(world, 7, instance("a", 5));
            world.pass(Duration.ofSeconds(5));
            assertThat(ids(watch)).containsExactly("a");
        }
        try (FakeWorld world = new FakeWorld(1, Runnable::run, HOLD, directory.resolve("new/deep"))) {
            world.client.watch("orders", new RecordingListener());
            sync(world, 7, instance("a", 5));
        }
        assertThat(directory.resolve("new/deep/default.views")).exists();
    }

    @Test
    void wallClock_setBack_isNeverFromTheFuture() {
        FakeWorld former = world();
        former.client.watch("orders", new RecordingListener());
        sync(former, 7, instance("a", 5));
        former.close();
        try (FakeWorld next = world()) {
            next.wallClock = Instant.parse("2020-01-01T00:00:00Z");
            Watch watch = next.client.watch("orders", new RecordingListener());
            assertThat(watch.view().stale()).isTrue();
            assertThat(watch.view().staleFor()).isZero();
        }
    }
}
