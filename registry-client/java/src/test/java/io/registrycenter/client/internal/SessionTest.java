package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.expired;
import static io.registrycenter.client.internal.Frames.lost;
import static io.registrycenter.client.internal.Frames.opened;
import static io.registrycenter.client.internal.Frames.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.SessionLost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One session, and what is kept registered with it. */
class SessionTest {

    private static final Instance ORDERS_1 =
            Instance.builder("orders-1").endpoint("grpc", "10.0.0.1", 8080).build();

    private final FakeWorld world = new FakeWorld();
    private final FakeServer server = world.server();

    @AfterEach
    void close() {
        world.close();
    }

    private Peer<AttachRequest, AttachResponse> peer() {
        return server.session();
    }

    private Registration registered() {
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(opened("s1", 1));
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        return registration;
    }

    private void cutAndReturn() {
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        world.pass(world.report().nextAttemptIn());
    }

    private RegisterRequest lastRegister() {
        return server.registers.get(server.registers.size() - 1);
    }

    private static RegistryException failure(CompletionStage<?> stage) {
        assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
        Throwable thrown =
                stage.handle((value, failure) -> failure).toCompletableFuture().join();
        assertThat(thrown).isInstanceOf(RegistryException.class);
        return (RegistryException) thrown;
    }

    @Test
    void register_first_opensTheSessionThenRegisters() {
        Registration registration = world.client.register("orders", ORDERS_1);
        assertThat(peer().said()).hasSize(1).first().matches(AttachRequest::hasOpen);
        assertThat(server.registers).isEmpty();
        assertThat(registration.state()).isEqualTo(RegistrationState.PENDING);

        peer().send(opened("s1", 1));

        assertThat(lastRegister().getSessionId()).isEqualTo("s1");
        assertThat(lastRegister().getInstance().getEndpoints(0).getPort()).isEqualTo(8080);
        assertThat(registration.registered().toCompletableFuture()).isCompletedWithValue(new Cursor("e1", 101));
        assertThat(server.sessions).hasSize(1);
    }

    @Test
    void register_sameIdTwice_refusedAtOnce() {
        registered();
        assertThatThrownBy(() -> world.client.register("orders", ORDERS_1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("default/orders/orders-1");
    }

    @Test
    void heartbeat_everyInterval_whileAnswered() {
        registered();
        // The dice show the middle of 0.8..1.0 of 5 s.
        for (int i = 0; i < 10; i++) {
            world.pass(Duration.ofMillis(4_500));
            assertThat(peer().last().hasHeartbeat()).isTrue();
            assertThat(peer().said()).hasSize(i + 2);
            peer().send(reply());
        }
        assertThat(world.reports).isEmpty();
    }

    @Test
    void silence_twoThirdsOfTheTtl_resumes() {
        registered();
        world.pass(Duration.ofSeconds(10));
        assertThat(world.report().cause()).isEqualTo(CloseCause.READ_TIMEOUT);
        world.pass(Duration.ofSeconds(1));
        assertThat(peer().last().getResume().getSessionId()).isEqualTo("s1");
    }

    @Test
    void resume_lostAnswer_repeatsTheAttemptUntilOpened() {
        Registration registration = registered();
        cutAndReturn();
        String attempt = peer().last().getResume().getAttempt();
        assertThat(peer().last().getResume().getFence()).isEqualTo(1);
        assertThat(attempt).isNotEmpty();

        cutAndReturn();
        assertThat(peer().last().getResume().getAttempt()).isEqualTo(attempt);
        assertThat(peer().last().getResume().getFence()).isEqualTo(1);
        peer().send(opened("s1", 2));

        cutAndReturn();
        assertThat(peer().last().getResume().getAttempt()).isNotEqualTo(attempt);
        assertThat(peer().last().getResume().getFence()).isEqualTo(2);
        assertThat(server.registers).as("nothing is registered again").hasSize(1);
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void backoff_withASession_cappedAtAQuarterOfTheGrace() {
        world.random = 0.999;
        registered();
        for (int i = 0; i < 12; i++) {
            cutAndReturn();
            assertThat(world.report().nextAttemptIn()).isLessThanOrEqualTo(Duration.ofMillis(2_500));
        }
        assertThat(server.sessions).hasSize(13);
    }

    @Test
    void expired_any_registersAgainWithANewSession() {
        Registration registration = registered();
        String firstId = lastRegister().getRequestId();
        peer().send(expired());
        assertThat(registration.state()).isEqualTo(RegistrationState.PENDING);
        peer().fail(Errors.of(Status.Code.NOT_FOUND, "SESSION_EXPIRED"));
        world.pass(Duration.ofSeconds(1));

        assertThat(peer().last().hasOpen()).isTrue();
        peer().send(opened("s2", 1));

        assertThat(server.registers).hasSize(2);
        assertThat(lastRegister().getSessionId()).isEqualTo("s2");
        assertThat(lastRegister().getRequestId()).isNotEqualTo(firstId);
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void call_sessionExpired_opensANewOne() {
        Registration registration = registered();
        server.failures.add(Errors.of(Status.Code.NOT_FOUND, "SESSION_EXPIRED"));
        CompletionStage<Cursor> leaving = registration.status(InstanceStatus.LEAVING);
        world.pass(Duration.ofSeconds(1));
        peer().send(opened("s2", 1));

        assertThat(lastRegister().getSessionId()).isEqualTo("s2");
        assertThat(lastRegister().getInstance().getStatus())
                .isEqualTo(io.registrycenter.proto.v1.InstanceStatus.INSTANCE_STATUS_LEAVING);
        assertThat(leaving.toCompletableFuture()).isCompleted();
    }

    @Test
    void lost_replaced_stopsForGood() {
        Registration registration = registered();
        List<LostReason> told = new ArrayList<>();
        registration.onLost(told::add);

        peer().send(lost("orders-1", SessionLost.Reason.REASON_REPLACED));

        assertThat(registration.state()).isEqualTo(RegistrationState.LOST);
        assertThat(told).containsExactly(LostReason.REPLACED);
        assertThat(failure(registration.update(ORDERS_1)).kind()).isEqualTo(RegistryException.Kind.CLOSED);
        peer().fail(Errors.of(Status.Code.NOT_FOUND, "SESSION_EXPIRED"));
        world.pass(Duration.ofMinutes(1));
        assertThat(server.registers).as("never again by itself").hasSize(1);
        registration.onLost(told::add);
        assertThat(told).as("who asks later is told, too").hasSize(2);
    }

    @Test
    void fenced_resume_stopsAndReports() {
        Registration registration = registered();
        cutAndReturn();
        peer().fail(Errors.of(Status.Code.ABORTED, "FENCED"));

        assertThat(registration.state()).isEqualTo(RegistrationState.LOST);
        assertThat(world.report().retries()).isFalse();
        world.pass(Duration.ofMinutes(5));
        assertThat(server.sessions).hasSize(2);
    }

    @Test
    void register_answerLost_repeatsTheRequestId() {
        server.failures.add(Status.UNAVAILABLE.asRuntimeException());
        server.failures.add(Status.DEADLINE_EXCEEDED.asRuntimeException());
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(opened("s1", 1));
        assertThat(registration.state()).isEqualTo(RegistrationState.PENDING);

        world.pass(Duration.ofSeconds(2));

        assertThat(server.registers).hasSize(3);
        assertThat(server.registers.stream().map(RegisterRequest::getRequestId).distinct())
                .hasSize(1);
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void register_badInput_namesFieldValueAndRule() {
        server.failures.add(Errors.badField("instance.endpoints[0].port", "must be 1..65535, was \"70000\""));
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(opened("s1", 1));

        RegistryException refusal = failure(registration.registered());
        assertThat(refusal.kind()).isEqualTo(RegistryException.Kind.INVALID_INPUT);
        assertThat(refusal.field()).isEqualTo("instance.endpoints[0].port");
        assertThat(refusal.value()).isEqualTo("70000");
        assertThat(refusal.rule()).isEqualTo("be 1..65535");
        assertThat(registration.state()).isEqualTo(RegistrationState.REFUSED);
        world.pass(Duration.ofMinutes(1));
        assertThat(server.registers).hasSize(1);
    }

    @Test
    void update_tooBig_keepsWhatWasAccepted() {
        Registration registration = registered();
        server.failures.add(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED"));

        RegistryException refusal = failure(registration.update(
                Instance.builder("orders-1").metadata("big", "value").build()));

        assertThat(refusal.kind()).isEqualTo(RegistryException.Kind.LIMIT_EXCEEDED);
        assertThat(refusal.details()).containsEntry("limit", "some-limit");
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(registration.instance()).isEqualTo(ORDERS_1);
    }

    @Test
    void limit_withRetryAfter_triedAgainThen() {
        server.failures.add(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED", Duration.ofSeconds(7)));
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(opened("s1", 1));
        world.pass(Duration.ofMillis(6_999));
        assertThat(registration.state()).isEqualTo(RegistrationState.PENDING);
        world.pass(Duration.ofMillis(1));
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void status_registered_isSentAsStatusAlone() {
        Registration registration = registered();
        CompletionStage<Cursor> stage = registration.status(InstanceStatus.LEAVING);

        assertThat(stage.toCompletableFuture()).isCompleted();
        assertThat(server.registers).hasSize(1);
        assertThat(server.statuses).hasSize(1);
        assertThat(registration.instance().status()).isEqualTo(InstanceStatus.LEAVING);
    }

    @Test
    void update_whileCut_onlyTheNewestIsSent() {
        Registration registration = registered();
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        CompletionStage<Cursor> first =
                registration.update(Instance.builder("orders-1").zone("a").build());
        CompletionStage<Cursor> second =
                registration.update(Instance.builder("orders-1").zone("b").build());
        assertThat(server.registers).hasSize(1);
        world.pass(world.report().nextAttemptIn());
        peer().send(opened("s1", 2));

        assertThat(server.registers).hasSize(2);
        assertThat(lastRegister().getInstance().getZone()).isEqualTo("b");
        assertThat(first.toCompletableFuture()).isCompleted();
        assertThat(second.toCompletableFuture()).isCompleted();
    }

    @Test
    void close_registration_deregisters() {
        Registration registration = registered();
        registration.close();

        assertThat(server.deregisters).hasSize(1);
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
        assertThat(world.client.register("orders", ORDERS_1).state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void close_notHolderAnyMore_isClosed() {
        Registration registration = registered();
        server.failures.add(Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_HOLDER"));
        registration.close();
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
    }

    @Test
    void close_client_saysGoodbye() {
        Registration registration = registered();
        world.client.close();

        assertThat(peer().said().stream().filter(AttachRequest::hasGoodbye)).hasSize(1);
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
        assertThat(server.deregisters).as("the goodbye takes everything out").isEmpty();
        assertThat(world.timing.waiting()).isZero();
    }

    @Test
    void close_putWhoseAnswerWasLostWaitsForTheSession_isTakenOut() {
        server.failures.add(Status.DEADLINE_EXCEEDED.asRuntimeException());
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(opened("s1", 1));
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        world.pass(Duration.ofSeconds(2));
        assertThat(registration.state()).isEqualTo(RegistrationState.PENDING);

        registration.close();
        peer().send(opened("s1", 2));

        assertThat(server.deregisters).as("it may be there").hasSize(1);
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
    }

    @Test
    void session_nothingRegisteredForAWhile_isSaidGoodbye() {
        Registration registration = registered();
        registration.close();
        beatFor(Duration.ofSeconds(29));
        assertThat(peer().completed()).isFalse();
        beatFor(Duration.ofSeconds(2));
        assertThat(peer().last().hasGoodbye()).isTrue();
        assertThat(peer().completed()).isTrue();

        peer().complete();
        world.pass(Duration.ofMinutes(5));
        assertThat(world.report().cause()).isEqualTo(CloseCause.CLIENT_COMPLETED);
        assertThat(world.report().retries()).isFalse();
        assertThat(server.sessions).hasSize(1);
        assertThat(world.timing.waiting()).isZero();

        world.client.register("orders", ORDERS_1);
        assertThat(server.sessions).hasSize(2);
        assertThat(peer().last().hasOpen()).isTrue();
    }

    @Test
    void session_registeredAgainWithinTheWhile_isKept() {
        registered().close();
        beatFor(Duration.ofSeconds(20));
        world.client.register("orders", ORDERS_1);
        beatFor(Duration.ofSeconds(60));
        assertThat(server.sessions).hasSize(1);
        assertThat(peer().completed()).isFalse();
    }

    @Test
    void session_registeredWhileTheGoodbyeIsOnItsWay_opensAnother() {
        registered().close();
        beatFor(Duration.ofSeconds(31));
        assertThat(peer().completed()).isTrue();
        Registration next = world.client.register("orders", ORDERS_1);
        assertThat(next.state()).isEqualTo(RegistrationState.PENDING);
        peer().complete();
        world.pass(Duration.ZERO);
        assertThat(server.sessions).hasSize(2);
        assertThat(peer().last().hasOpen()).isTrue();
        peer().send(opened("s2", 1));
        assertThat(next.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void session_unusedWhileTheLinkIsLost_isForgotten() {
        registered().close();
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        world.pass(Duration.ofSeconds(31));
        int streams = server.sessions.size();
        world.pass(Duration.ofMinutes(5));
        assertThat(server.sessions).hasSize(streams);
        assertThat(peer().over()).isTrue();
    }

    @Test
    void goodbye_answered_isNoLoss() {
        registered();
        world.client.close();
        peer().complete();
        assertThat(world.reports).isEmpty();
    }

    @Test
    void resume_silentServer_isGivenUpWithinAQuarterOfTheGraceThenLater() {
        registered();
        cutAndReturn();
        world.pass(Duration.ofMillis(2_500));
        assertThat(world.report().cause()).isEqualTo(CloseCause.CONNECT_TIMEOUT);
        assertThat(world.report().age()).isEqualTo(Duration.ofMillis(2_500));
        world.pass(world.report().nextAttemptIn());
        world.pass(Duration.ofSeconds(5));
        assertThat(world.report().age()).as("a slow one is given more time").isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void stopCause_withASession_waitsNoLongerThanAQuarterOfTheGrace() {
        world.random = 0.999;
        registered();
        peer().fail(Status.UNIMPLEMENTED.asRuntimeException());
        assertThat(world.report().cause()).isEqualTo(CloseCause.PROTOCOL_MISMATCH);
        assertThat(world.report().nextAttemptIn()).isLessThanOrEqualTo(Duration.ofMillis(2_500));
    }

    @Test
    void drain_session_movesBeforeTheOldStreamEndsAndReportsNothing() {
        Registration registration = registered();
        Peer<AttachRequest, AttachResponse> old = peer();
        old.send(AttachResponse.newBuilder().setDrain(Frames.drain(2_000)).build());
        world.pass(Duration.ofMillis(1_999));
        assertThat(server.sessions).hasSize(1);
        world.pass(Duration.ofMillis(1));
        assertThat(server.sessions).hasSize(2);
        assertThat(old.over()).isFalse();
        assertThat(peer().last().getResume().getFence()).isEqualTo(1);

        old.fail(Errors.of(Status.Code.ABORTED, "FENCED"));
        peer().send(opened("s1", 2));

        assertThat(world.reports).isEmpty();
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(server.registers).hasSize(1);
    }

    /** Time in which the server answers heartbeats. */
    private void beatFor(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            world.pass(Duration.ofSeconds(1));
            if (!peer().over()) {
                peer().send(reply());
            }
        }
    }
}
