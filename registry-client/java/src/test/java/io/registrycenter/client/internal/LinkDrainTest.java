package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.draining;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.welcome;
import static io.registrycenter.client.internal.Links.id;
import static io.registrycenter.client.internal.Links.live;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.Instance;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A server leaves: the client moves, or comes back soon. */
class LinkDrainTest {

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

    /** Asked to go at once; the attempt to move is refused for two more seconds, and the old stream ends meanwhile. */
    private static void leave(FakeWorld world) {
        FakeServer server = world.server();
        live(world, server);
        server.watch().send(draining(0));
        world.pass(Duration.ZERO);
        server.watches.get(1).fail(refused(Duration.ofSeconds(2)));
        world.pass(Duration.ofSeconds(1));
        server.watches.get(0).fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"));
    }

    private static Throwable refused(Duration retryAfter) {
        return Errors.of(Status.Code.UNAVAILABLE, "DRAINING", retryAfter);
    }

    @Test
    void drain_nowhereElse_theLossIsTheEndOfTheStreamThatWasLive() {
        try (FakeWorld world = new FakeWorld()) {
            Watch watch = live(world, world.server());
            world.server().watch().send(draining(0));
            world.pass(Duration.ZERO);
            world.server().watches.get(1).fail(refused(Duration.ofSeconds(2)));

            assertThat(world.losses).as("an attempt is no loss").isEmpty();
            assertThat(world.report().phase()).isEqualTo(Phase.CONNECTING);
            assertThat(world.report().expected()).isTrue();
            assertThat(watch.view().stale()).isFalse();

            world.pass(Duration.ofMillis(500));
            world.server().watches.get(0).fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"));

            assertThat(world.losses).hasSize(1);
            assertThat(world.report().cause()).isEqualTo(CloseCause.DRAINING);
            assertThat(world.report().phase()).isEqualTo(Phase.LIVE);
            assertThat(world.report().age()).isEqualTo(Duration.ofMillis(500));
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofMillis(1_500));
            assertThat(watch.view().stale()).isTrue();
        }
    }

    @Test
    void drain_endsWhileTheNextIsOnItsWay_isALossOnlyWhenThatFails() {
        try (FakeWorld world = new FakeWorld()) {
            FakeServer server = world.server();
            live(world, server);
            server.watch().send(draining(0));
            world.pass(Duration.ZERO);
            server.watches.get(0).fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"));
            assertThat(world.reports).isEmpty();
            server.watches.get(1).send(welcome());
            server.watches.get(1).send(heartbeat(id(server.watches.get(1)), 0, cursor(EPOCH, 7)));
            assertThat(world.connected).hasSize(2);
            assertThat(world.reports).as("it has moved").isEmpty();

            server.watch().send(draining(0));
            world.pass(Duration.ZERO);
            server.watches.get(1).fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"));
            world.pass(Duration.ofMillis(100));
            server.watches.get(2).fail(refused(Duration.ofSeconds(2)));
            assertThat(world.losses).hasSize(1);
            assertThat(world.reports).extracting(DisconnectReport::phase).containsExactly(Phase.LIVE, Phase.CONNECTING);
            assertThat(world.reports)
                    .extracting(report -> report.nextAttemptIn().toSeconds())
                    .containsExactly(2L, 2L);
        }
    }

    @Test
    void restart_nobodyAnswersWithinTheGrace_isExpectedAndTriedOften() {
        try (FakeWorld world = new FakeWorld()) {
            world.random = 0.999;
            leave(world);
            world.server().stop();
            int before = world.reports.size();
            world.pass(Duration.ofSeconds(29));
            assertThat(world.reports.subList(before, world.reports.size()))
                    .hasSizeGreaterThan(10)
                    .allSatisfy(report -> {
                        assertThat(report.expected()).as("%s", report).isTrue();
                        assertThat(report.nextAttemptIn()).isLessThanOrEqualTo(Duration.ofMillis(2_500));
                    });
            world.server().start();
            world.pass(Duration.ofMillis(2_500));
            assertThat(world.server().watches).as("it is soon back").hasSize(3);
            assertThat(world.losses).hasSize(1);
        }
    }

    @Test
    void restart_beyondTheGrace_isAnOutage() {
        try (FakeWorld world = new FakeWorld()) {
            world.random = 0.999;
            leave(world);
            world.server().stop();
            world.pass(Duration.ofSeconds(29));
            assertThat(world.report().expected()).isTrue();
            world.pass(Duration.ofSeconds(5));
            assertThat(world.report().expected()).isFalse();
            world.pass(Duration.ofMinutes(5));
            assertThat(world.report().nextAttemptIn()).isGreaterThan(Duration.ofSeconds(29));
        }
    }

    @Test
    void restart_refusedManyTimesWithHints_theFirstWaitOfItsOwnIsShort() {
        try (FakeWorld world = new FakeWorld()) {
            world.random = 0.999;
            live(world, world.server());
            for (int i = 0; i < 10; i++) {
                world.server().watch().fail(refused(Duration.ofSeconds(3)));
                world.pass(Duration.ofSeconds(3));
            }
            // MAX_AGE explains nothing, and is no reason for long waits either.
            world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, "MAX_AGE"));
            assertThat(world.report().nextAttemptIn()).isLessThanOrEqualTo(Duration.ofMillis(500));
            world.server().stop();
            world.pass(Duration.ofSeconds(10));
            assertThat(world.report().nextAttemptIn()).isLessThanOrEqualTo(Duration.ofMillis(2_500));
            assertThat(world.report().expected()).isFalse();
        }
    }

    /** A session was opened and told the grace, then the server leaves; for how long its absence is expected of the stream. */
    private static Duration excused(Duration restartGrace, StreamKind stream) {
        try (FakeWorld world = new FakeWorld()) {
            FakeServer server = world.server();
            live(world, server);
            world.client.register("orders", Instance.builder("a").build());
            server.session().send(Frames.opened("s1", 1, restartGrace));
            server.watch().fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"));
            server.session().fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"));
            server.stop();
            Duration passed = Duration.ZERO;
            Duration excused = Duration.ZERO;
            while (passed.compareTo(Duration.ofMinutes(3)) < 0) {
                int before = world.reports.size();
                world.pass(Duration.ofMillis(100));
                passed = passed.plusMillis(100);
                for (DisconnectReport report : world.reports.subList(before, world.reports.size())) {
                    if (report.stream() == stream && report.expected()) {
                        assertThat(report.nextAttemptIn()).isLessThanOrEqualTo(Duration.ofMillis(2_500));
                        excused = passed;
                    }
                }
            }
            return excused;
        }
    }

    @Test
    void restart_anyStream_theGraceThatTheSessionWasToldCounts() {
        for (StreamKind stream : StreamKind.values()) {
            assertThat(excused(Duration.ofSeconds(90), stream))
                    .as("%s", stream)
                    .isBetween(Duration.ofSeconds(86), Duration.ofSeconds(90));
            assertThat(excused(Duration.ofSeconds(8), stream))
                    .as("%s", stream)
                    .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(8));
            assertThat(excused(Duration.ZERO, stream))
                    .as("%s, which was told none", stream)
                    .isBetween(Duration.ofSeconds(26), Duration.ofSeconds(30));
        }
    }
}
