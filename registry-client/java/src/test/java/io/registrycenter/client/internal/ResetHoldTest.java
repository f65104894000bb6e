package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A registry that lost its history does not empty its clients at once. */
class ResetHoldTest {

    private static Peer<WatchRequest, WatchResponse> resumed(FakeWorld world) {
        if (!world.server().watches.isEmpty()) {
            world.server().watch().fail(Status.UNAVAILABLE.asRuntimeException());
            world.pass(world.report().nextAttemptIn());
        }
        world.server().watch().send(welcome());
        return world.server().watch();
    }

    private static long id(Peer<WatchRequest, WatchResponse> peer) {
        return peer.said().get(1).getSubscribe().getSubscriptionId();
    }

    private static Watch synced(FakeWorld world, String... ids) {
        Watch watch = world.client.watch("orders", new RecordingListener());
        Peer<WatchRequest, WatchResponse> peer = world.server().watch();
        peer.send(welcome());
        peer.send(snapshot(
                id(peer),
                SnapshotReason.SNAPSHOT_REASON_INITIAL,
                cursor(EPOCH, 7),
                List.of(ids).stream().map(id -> instance(id, 5)).toArray(io.registrycenter.proto.v1.Instance[]::new)));
        return watch;
    }

    private static List<String> ids(List<Instance> instances) {
        return instances.stream().map(Instance::id).toList();
    }

    @Test
    void snapshot_revisionAhead_holdsWhatIsMissingThenDropsIt() {
        try (FakeWorld world = new FakeWorld()) {
            Watch watch = synced(world, "a", "b");
            Peer<WatchRequest, WatchResponse> peer = resumed(world);
            peer.send(snapshot(
                    id(peer), SnapshotReason.SNAPSHOT_REASON_REVISION_AHEAD, cursor(EPOCH, 3), instance("a", 2)));

            assertThat(watch.view().cursor()).as("the store's own word").isEqualTo(new Cursor(EPOCH, 3));
            assertThat(ids(watch.instances())).containsExactly("a", "b");
            assertThat(ids(watch.view().held())).containsExactly("b");
            world.pass(Duration.ofSeconds(59));
            peer.send(heartbeat(0, 1, cursor(EPOCH, 3)));
            assertThat(ids(watch.instances())).containsExactly("a", "b");
            world.pass(Duration.ofSeconds(1));
            assertThat(ids(watch.instances())).containsExactly("a");
            assertThat(watch.view().held()).isEmpty();
        }
    }

    @Test
    void hold_off_dropsAtOnce() {
        try (FakeWorld world = new FakeWorld(1, Runnable::run, Duration.ZERO)) {
            Watch watch = synced(world, "a", "b");
            Peer<WatchRequest, WatchResponse> peer = resumed(world);
            peer.send(snapshot(id(peer), SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED, cursor("e2", 1)));
            assertThat(watch.instances()).isEmpty();
        }
    }

    @Test
    void hold_linkLost_standsStillUntilTheViewIsFreshAgain() {
        try (FakeWorld world = new FakeWorld()) {
            Watch watch = synced(world, "a");
            Peer<WatchRequest, WatchResponse> peer = resumed(world);
            peer.send(snapshot(id(peer), SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED, cursor("e2", 1)));
            world.pass(Duration.ofSeconds(20));
            peer.fail(Status.UNAVAILABLE.asRuntimeException());
            world.server().stop();
            world.pass(Duration.ofMinutes(10));
            assertThat(ids(watch.instances())).as("nobody could come back").containsExactly("a");

            world.server().start();
            world.pass(Duration.ofSeconds(30));
            Peer<WatchRequest, WatchResponse> again = world.server().watch();
            again.send(welcome());
            again.send(heartbeat(id(again), 0, cursor("e2", 1)));
            world.pass(Duration.ofSeconds(39));
            assertThat(ids(watch.instances())).containsExactly("a");
            world.pass(Duration.ofSeconds(2));
            assertThat(watch.instances()).isEmpty();
        }
    }
}
