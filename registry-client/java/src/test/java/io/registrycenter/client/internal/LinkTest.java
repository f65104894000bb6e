package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.draining;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.ClientStatistics;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.ResyncReason;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the client comes back: causes, waits, hints, targets, deadlines. */
class LinkTest {

    private static Watch live(FakeWorld world, FakeServer server) {
        Watch watch = world.client.watch("orders", new RecordingListener());
        synced(server.watch());
        return watch;
    }

    private static long id(Peer<WatchRequest, WatchResponse> peer) {
        return peer.said().get(1).getSubscribe().getSubscriptionId();
    }

    private static void synced(Peer<WatchRequest, WatchResponse> peer) {
        peer.send(welcome());
        peer.send(snapshot(id(peer), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 7)));
    }

    private static void cut(FakeWorld world) {
        world.server().watch().fail(Status.UNAVAILABLE.asRuntimeException());
    }

    @Test
    void backoff_neverLive_doublesToThirtySeconds() {
        try (FakeWorld world = new FakeWorld()) {
            world.random = 0.5;
            world.client.watch("orders", new RecordingListener());
            for (int i = 0; i < 9; i++) {
                cut(world);
                world.pass(world.report().nextAttemptIn());
            }
            assertThat(world.reports)
                    .extracting(report -> report.nextAttemptIn().toMillis())
                    .containsExactly(250L, 500L, 1_000L, 2_000L, 4_000L, 8_000L, 15_000L, 15_000L, 15_000L);
            assertThat(world.reports).extracting(DisconnectReport::failures).startsWith(1, 2, 3);
            assertThat(world.server().watches).hasSize(10);
        }
    }

    @Test
    void backoff_liveForAMinute_startsOver() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            cut(world);
            world.pass(Duration.ofSeconds(1));
            synced(world.server().watch());
            world.pass(Duration.ofSeconds(59));
            cut(world);
            assertThat(world.report().failures()).as("59 s are not enough").isEqualTo(2);
            world.pass(Duration.ofSeconds(1));
            synced(world.server().watch());
            world.pass(Duration.ofSeconds(60));
            cut(world);
            assertThat(world.report().failures()).isEqualTo(1);
            assertThat(world.report().phase()).isEqualTo(Phase.LIVE);
        }
    }

    @Test
    void retryInfo_any_winsOverTheBackoff() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server()
                    .watch()
                    .fail(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "SLOW_CONSUMER", Duration.ofSeconds(12)));
            assertThat(world.report().cause()).isEqualTo(CloseCause.SLOW_CONSUMER);
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofSeconds(12));
        }
    }

    @Test
    void drain_streamEnds_comesBackWhenTheServerSaid() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server().watch().send(draining(8_000));
            world.pass(Duration.ofSeconds(3));
            world.server().watch().complete();

            assertThat(world.report().cause()).isEqualTo(CloseCause.DRAINING);
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofSeconds(5));
            world.pass(Duration.ofSeconds(5));
            assertThat(world.server().watches).hasSize(2);
        }
    }

    @Test
    void drain_otherServer_isLiveBeforeTheOldStreamIsLetGo() {
        try (FakeWorld world = new FakeWorld(2, Runnable::run, Duration.ofSeconds(60))) {
            world.random = 0;
            FakeServer old = world.servers.get(0);
            FakeServer other = world.servers.get(1);
            Watch watch = live(world, old);

            old.watch().send(draining(1_000));
            world.pass(Duration.ofSeconds(1));
            assertThat(other.watches).hasSize(1);
            assertThat(old.watch().over()).isFalse();
            old.watch().send(heartbeat(0, 1, cursor(EPOCH, 9)));
            assertThat(watch.view().stale()).isFalse();

            other.watch().send(welcome());
            assertThat(old.watch().over()).isFalse();
            other.watch().send(heartbeat(id(other.watch()), 0, cursor(EPOCH, 9)));
            assertThat(old.watch().over()).isTrue();
            assertThat(watch.view().stale()).isFalse();
            assertThat(world.reports).as("nothing was lost").isEmpty();
            assertThat(world.connected).hasSize(2);
        }
    }

    @Test
    void lost_severalTargets_triesAnother() {
        try (FakeWorld world = new FakeWorld(3, Runnable::run, Duration.ofSeconds(60))) {
            world.random = 0;
            live(world, world.servers.get(0));
            cut(world);
            world.pass(Duration.ofSeconds(1));
            assertThat(world.servers.get(1).watches).hasSize(1);
        }
    }

    @Test
    void readTimeout_noFrame_endsAndReconnects() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.pass(Duration.ofSeconds(50));
            world.server().watch().send(heartbeat(0, 1, cursor(EPOCH, 8)));
            world.pass(Duration.ofMillis(89_999));
            assertThat(world.reports).isEmpty();
            world.pass(Duration.ofMillis(1));
            assertThat(world.report().cause()).isEqualTo(CloseCause.READ_TIMEOUT);
            assertThat(world.report().idle()).isEqualTo(Duration.ofSeconds(90));
            assertThat(world.server().watches.get(0).over()).isTrue();
        }
    }

    @Test
    void readTimeout_afterOwnSleep_readsWhatCameFirst() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.timing.sleep(Duration.ofMinutes(10));
            world.server().watch().send(heartbeat(0, 1, cursor(EPOCH, 8)));
            world.pass(Duration.ofSeconds(5));
            assertThat(world.reports).isEmpty();
        }
    }

    @Test
    void connectTimeout_noAnswer_triedAgain() {
        try (FakeWorld world = new FakeWorld()) {
            world.client.watch("orders", new RecordingListener());
            world.pass(Duration.ofSeconds(10));
            assertThat(world.report().cause()).isEqualTo(CloseCause.CONNECT_TIMEOUT);
            assertThat(world.report().phase()).isEqualTo(Phase.CONNECTING);
            world.pass(Duration.ofSeconds(1));
            assertThat(world.server().watches).hasSize(2);
        }
    }

    @Test
    void stopCause_any_waitsLongButComesBack() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server().watch().fail(Errors.of(Status.Code.PERMISSION_DENIED, "DENIED"));
            assertThat(world.report().cause()).isEqualTo(CloseCause.DENIED);
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofSeconds(15));
            world.pass(Duration.ofSeconds(15));
            assertThat(world.server().watches).hasSize(2);
        }
    }

    @Test
    void serverRestart_downForAWhile_everyAttemptIsReal() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server().stop();
            for (int i = 0; i < 5; i++) {
                world.pass(world.report().nextAttemptIn());
            }
            int before = world.reports.size();
            assertThat(before).isGreaterThan(3);
            world.server().start();
            world.pass(world.report().nextAttemptIn());
            assertThat(world.server().watches)
                    .as("the first attempt after the start reaches it")
                    .hasSize(2);
            assertThat(world.reports).hasSize(before);
        }
    }

    @Test
    void reads_unavailable_repeatedOnceOnAnother() {
        try (FakeWorld world = new FakeWorld(2, Runnable::run, Duration.ofSeconds(60))) {
            world.random = 0;
            world.servers.get(0).failures.add(Status.UNAVAILABLE.asRuntimeException());
            assertThat(world.client.services().toCompletableFuture())
                    .isCompletedWithValueMatching(
                            list -> list.services().get(0).name().equals("orders"));
            assertThat(world.servers.stream().map(server -> server.reads)).isEqualTo(List.of(1, 1));
        }
    }

    @Test
    void reads_refused_notRepeated() {
        try (FakeWorld world = new FakeWorld()) {
            assertThat(world.client.services("").toCompletableFuture()).isCompletedExceptionally();
            assertThat(world.server().reads).isEqualTo(1);
        }
    }

    @Test
    void reads_manyFailures_sparesTheTarget() {
        try (FakeWorld world = new FakeWorld()) {
            for (int i = 0; i < 10; i++) {
                world.server().failures.add(Status.UNAVAILABLE.asRuntimeException());
            }
            for (int i = 0; i < 10; i++) {
                assertThat(world.client.services().toCompletableFuture()).isCompletedExceptionally();
            }
            assertThat(world.server().reads).isEqualTo(10);
            world.pass(Duration.ofSeconds(6));
            assertThat(world.client.services().toCompletableFuture()).isCompleted();
        }
    }

    @Test
    void drain_againBeforeTheNewStreamIsLive_endsTheOneInBetween() {
        try (FakeWorld world = new FakeWorld(3, Runnable::run, Duration.ofSeconds(60))) {
            world.random = 0;
            Watch watch = live(world, world.servers.get(0));
            world.servers.get(0).watch().send(draining(1_000));
            world.pass(Duration.ofSeconds(1));
            FakeServer second = world.servers.get(1);
            second.watch().send(welcome());
            second.watch().send(draining(1_000));
            world.pass(Duration.ofSeconds(1));

            assertThat(second.watch().over()).as("it was never live").isTrue();
            assertThat(world.servers.get(0).watch().over())
                    .as("it still delivers")
                    .isFalse();
            assertThat(world.servers.get(0).watches).hasSize(2);
            assertThat(watch.view().stale()).isFalse();
            assertThat(world.reports).isEmpty();
        }
    }

    @Test
    void drain_thenGoAway_isReportedAsDraining() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server().watch().send(draining(1_000));
            world.server()
                    .watch()
                    .fail(Status.UNAVAILABLE
                            .withDescription("Connection closed after GOAWAY. HTTP/2 error code: NO_ERROR")
                            .asRuntimeException());
            assertThat(world.report().cause()).isEqualTo(CloseCause.DRAINING);
            assertThat(world.report().cause().expected()).isTrue();
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofSeconds(1));
        }
    }

    @Test
    void retryInfo_absurd_isBelievedUpToFiveMinutes() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, "SERVER_FAULT", Duration.ofDays(7)));
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofMinutes(5));
        }
    }

    @Test
    void statistics_lostAndResumed_countsCauseAndAge() {
        try (FakeWorld world = new FakeWorld()) {
            ClientStatistics statistics = world.client.statistics();
            assertThat(statistics.connected(StreamKind.WATCH)).isFalse();
            live(world, world.server());
            assertThat(statistics.connected(StreamKind.WATCH)).isTrue();
            assertThat(statistics.connected(StreamKind.SESSION)).isFalse();
            assertThat(statistics.staleness()).isZero();
            cut(world);
            world.pass(Duration.ofMillis(100));
            assertThat(statistics.connected(StreamKind.WATCH)).isFalse();
            assertThat(statistics.staleness()).isEqualTo(Duration.ofMillis(100));
            assertThat(statistics.reconnects(StreamKind.WATCH, CloseCause.PEER_EOF))
                    .isEqualTo(1);
            world.pass(Duration.ofSeconds(1));
            Peer<WatchRequest, WatchResponse> peer = world.server().watch();
            peer.send(welcome());
            peer.send(snapshot(id(peer), SnapshotReason.SNAPSHOT_REASON_COMPACTED, cursor(EPOCH, 9)));
            assertThat(statistics.resyncs(ResyncReason.COMPACTED)).isEqualTo(1);
            assertThat(statistics.staleness()).isZero();
            peer.send(deltas(id(peer), delta(12, 13)));
            assertThat(statistics.resyncs(ResyncReason.GAP)).isEqualTo(1);
            world.client.close();
            assertThat(statistics.connected(StreamKind.WATCH)).isFalse();
            assertThat(statistics.staleness()).as("no watch is open").isZero();
        }
    }
}
