package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.opened;
import static io.registrycenter.client.internal.Frames.openedFor;
import static io.registrycenter.client.internal.Frames.reply;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that fell silent is not used again, and what runs beside the stream that noticed has to prove itself. */
class DeadConnectionTest {

    private static final Duration SILENCE = Duration.ofSeconds(10);
    private static final Duration PROOF = Duration.ofSeconds(2);
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);

    private static FakeWorld world(int servers, String form) {
        FakeWorld world = new FakeWorld(servers, form);
        world.random = 0.999;
        return world;
    }

    private static Registration registered(FakeWorld world, FakeServer server) {
        Registration registration =
                world.client.register("orders", Instance.builder("a").build());
        server.session().send(opened("s1", 1));
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        return registration;
    }

    private static long of(FakeWorld world, StreamKind stream) {
        return world.losses.stream().filter(report -> report.stream() == stream).count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dns:///"})
    void session_silent_comesBackOverAFreshConnection(String form) {
        try (FakeWorld world = world(1, form)) {
            Registration registration = registered(world, world.server());
            world.pass(SILENCE);
            assertThat(world.report().cause()).isEqualTo(CloseCause.READ_TIMEOUT);
            assertThat(world.channels.get(0).isShutdown()).isTrue();
            world.pass(FIRST_WAIT);
            assertThat(world.server().session().last().hasResume()).isTrue();
            assertThat(world.channels).hasSize(2);

            world.server().session().send(opened("s1", 2));
            registration.status(InstanceStatus.LEAVING);
            assertThat(world.server().statuses).hasSize(1);
            assertThat(world.channels)
                    .as("one connection for the session and its calls")
                    .hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dns:///"})
    void attempt_unanswered_nextOneOverAFreshConnection(String form) {
        try (FakeWorld world = world(1, form)) {
            world.client.watch("orders", new RecordingListener());
            for (int attempts = 1; attempts < 5; attempts++) {
                assertThat(world.channels).hasSize(attempts);
                world.pass(Duration.ofSeconds(10));
                assertThat(world.report().cause()).isEqualTo(CloseCause.CONNECT_TIMEOUT);
                world.pass(world.report().nextAttemptIn());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HEARTBEAT_TIMEOUT", "IDLE_TIMEOUT", "CLIENT_DEADLINE", "KEEPALIVE_TIMEOUT"})
    void timeoutThatTheServerOrTheTransportTells_nextOneOverAFreshConnection(CloseCause cause) {
        try (FakeWorld world = world(1, "")) {
            Links.live(world, world.server());
            world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, cause.name()));
            world.pass(world.report().nextAttemptIn());
            assertThat(world.server().watches).hasSize(2);
            assertThat(world.channels).hasSize(2);
        }
    }

    @Test
    void lossesThatAreNoTimeouts_keepTheConnection() {
        try (FakeWorld world = world(1, "")) {
            Links.live(world, world.server());
            world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, "SERVER_BEHIND"));
            world.pass(world.report().nextAttemptIn());
            Links.synced(world.server().watch());
            world.server().watch().fail(Status.CANCELLED.asRuntimeException());
            world.pass(world.report().nextAttemptIn());
            assertThat(world.server().watches).hasSize(3);
            assertThat(world.channels).hasSize(1);
        }
    }

    @Test
    void callsDeadline_nextCallOverAFreshConnection_andTheStreamsProveThemselves() {
        try (FakeWorld world = world(1, "")) {
            registered(world, world.server());
            int said = world.server().session().said().size();
            world.server().failures.add(Status.DEADLINE_EXCEEDED.asRuntimeException());
            assertThat(world.client.services().toCompletableFuture()).isCompletedExceptionally();
            assertThat(world.server().session().said()).hasSize(said + 1);
            assertThat(world.server().session().last()).matches(AttachRequest::hasHeartbeat);
            world.server().session().send(reply());

            assertThat(world.client.services().toCompletableFuture()).isCompleted();
            assertThat(world.channels).hasSize(2);
            world.pass(PROOF);
            assertThat(world.reports).as("it was slow, not dead").isEmpty();
        }
    }

    @Test
    void severalTargets_aTimeout_noConnectionOfBeforeIsUsedForTheNextAttempt() {
        try (FakeWorld world = world(2, "")) {
            world.random = 0;
            world.servers.get(0).failures.add(Status.UNAVAILABLE.asRuntimeException());
            assertThat(world.client.services().toCompletableFuture()).isCompleted();
            assertThat(world.channels).as("both servers were asked").hasSize(2);
            registered(world, world.servers.get(0));
            world.pass(SILENCE);
            world.pass(FIRST_WAIT);
            assertThat(world.servers.get(1).sessions).hasSize(1);
            assertThat(world.channels).hasSize(3);
        }
    }

    // --- the other streams of the connection

    @ParameterizedTest
    @ValueSource(strings = {"", "dns:///"})
    void sessionSilent_watchThatIsSilentToo_isLostSoonAndComesBackOverAFreshConnection(String form) {
        try (FakeWorld world = world(1, form)) {
            Watch watch = Links.live(world, world.server());
            registered(world, world.server());
            world.pass(SILENCE);
            world.pass(PROOF.minusMillis(1));
            assertThat(of(world, StreamKind.WATCH)).isZero();
            assertThat(watch.view().stale()).isFalse();
            world.pass(Duration.ofMillis(1));
            DisconnectReport lost = world.losses.get(1);
            assertThat(lost.stream()).isEqualTo(StreamKind.WATCH);
            assertThat(lost.cause()).isEqualTo(CloseCause.READ_TIMEOUT);
            assertThat(watch.view().stale()).isTrue();

            world.pass(FIRST_WAIT);
            assertThat(world.server().watches).hasSize(2);
            Links.synced(world.server().watch());
            assertThat(watch.view().stale()).isFalse();
            assertThat(world.channels.get(0).isTerminated()).isTrue();
        }
    }

    @Test
    void sessionSilent_watchThatAnswers_staysAndShowsNothing() {
        try (FakeWorld world = world(1, "")) {
            Watch watch = Links.live(world, world.server());
            registered(world, world.server());
            world.pass(SILENCE);
            List<WatchRequest> said = world.server().watch().said();
            WatchSubscribe first = said.get(1).getSubscribe();
            assertThat(said.get(2).getUnsubscribe().getSubscriptionId()).isEqualTo(first.getSubscriptionId());
            WatchSubscribe again = said.get(3).getSubscribe();
            assertThat(again.getInterest()).isEqualTo(first.getInterest());
            assertThat(again.getCursor()).isEqualTo(cursor(EPOCH, 7));
            world.pass(Duration.ofSeconds(1));
            assertThat(watch.view().stale()).isFalse();
            world.server().watch().send(heartbeat(again.getSubscriptionId(), 0, cursor(EPOCH, 7)));

            world.pass(Duration.ofSeconds(60));
            assertThat(of(world, StreamKind.WATCH)).isZero();
            assertThat(watch.view().stale()).isFalse();
            assertThat(world.server().watches).hasSize(1);
        }
    }

    @Test
    void sessionSilent_watchWithDataOnItsWay_isProvenByIt() {
        try (FakeWorld world = world(1, "")) {
            Links.live(world, world.server());
            registered(world, world.server());
            world.pass(SILENCE);
            world.server().watch().send(heartbeat(0, 1, cursor(EPOCH, 8)));
            world.pass(Duration.ofSeconds(60));
            assertThat(of(world, StreamKind.WATCH)).isZero();
        }
    }

    @Test
    void sessionSilent_watchNotAnsweredYet_hasItsOwnLimit() {
        try (FakeWorld world = world(1, "")) {
            registered(world, world.server());
            world.pass(Duration.ofSeconds(5));
            world.client.watch("orders", new RecordingListener());
            world.pass(Duration.ofMillis(9_999));
            assertThat(world.reports).extracting(DisconnectReport::stream).doesNotContain(StreamKind.WATCH);
            Links.synced(world.server().watch());
            assertThat(of(world, StreamKind.WATCH)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1"})
    void watchReset_sessionAsked_isLostOnlyWhenSilent(boolean answers, long lost) {
        try (FakeWorld world = world(1, "")) {
            Links.live(world, world.server());
            registered(world, world.server());
            int said = world.server().session().said().size();
            world.server().watch().fail(Status.CANCELLED.asRuntimeException());
            assertThat(world.report().cause()).isEqualTo(CloseCause.PEER_RESET);
            assertThat(world.server().session().said()).hasSize(said + 1);
            assertThat(world.server().session().last()).matches(AttachRequest::hasHeartbeat);
            if (answers) {
                world.server().session().send(reply());
            }
            world.pass(PROOF);
            assertThat(of(world, StreamKind.SESSION)).isEqualTo(lost);
        }
    }

    @Test
    void serverHasSpokenTheEnd_nobodyIsAsked() {
        try (FakeWorld world = world(1, "")) {
            Links.live(world, world.server());
            registered(world, world.server());
            int said = world.server().session().said().size();
            world.server().watch().fail(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED"));
            assertThat(world.server().session().said()).hasSize(said);
        }
    }

    @Test
    void processAsleep_proofIsReadFirst() {
        try (FakeWorld world = world(1, "")) {
            Links.live(world, world.server());
            registered(world, world.server());
            world.server().watch().fail(Status.CANCELLED.asRuntimeException());
            world.timing.sleep(Duration.ofSeconds(5));
            world.server().session().send(reply());
            world.pass(Duration.ofSeconds(2));
            assertThat(of(world, StreamKind.SESSION)).isZero();
        }
    }

    // --- calls

    @Test
    void callUnderWay_whenNothingComesAnyMore_isRepeatedOverAFreshConnection() {
        try (FakeWorld world = world(1, "")) {
            registered(world, world.server());
            world.server().mute = true;
            Registration second =
                    world.client.register("orders", Instance.builder("b").build());
            var read = world.client.services().toCompletableFuture();
            world.pass(SILENCE.plus(FIRST_WAIT));
            world.server().mute = false;
            world.server().session().send(opened("s1", 2));
            world.pass(PROOF);
            assertThat(read).isCompleted();
            assertThat(second.state()).isEqualTo(RegistrationState.REGISTERED);
            assertThat(world.server().registers).hasSize(3);
            assertThat(world.server().registers.get(2).getRequestId())
                    .isEqualTo(world.server().registers.get(1).getRequestId());
        }
    }

    @Test
    void callUnderWay_whileItsConnectionIsHeard_isWaitedFor() {
        try (FakeWorld world = world(1, "")) {
            registered(world, world.server());
            Links.live(world, world.server());
            world.server().mute = true;
            var read = world.client.services().toCompletableFuture();
            world.server().watch().fail(Status.CANCELLED.asRuntimeException());
            world.pass(Duration.ofSeconds(1));
            world.server().session().send(reply());
            world.pass(Duration.ofSeconds(3));
            assertThat(read).isNotDone();
        }
    }

    // --- in time

    /** The server heard the session last when it answered last, or later. */
    @ParameterizedTest
    @CsvSource({"5, 0", "15, 0", "15, 1", "60, 2"})
    void session_onADeadConnection_isBackWithinItsTtl(int ttlSeconds, int attemptsThatAreLostToo) {
        Duration ttl = Duration.ofSeconds(ttlSeconds);
        try (FakeWorld world = world(1, "")) {
            world.client.register("orders", Instance.builder("a").build());
            world.server().session().send(openedFor("s1", 1, ttl));
            long heardNanos = world.timing.nanoTime();
            while (world.server().sessions.size() < 2 + attemptsThatAreLostToo) {
                world.pass(Duration.ofMillis(10));
            }
            assertThat(Duration.ofNanos(world.timing.nanoTime() - heardNanos)).isLessThan(ttl.minusMillis(500));
            assertThat(world.reports.get(0).phase()).isEqualTo(Phase.LIVE);
        }
    }
}
