package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.lost;
import static io.registrycenter.client.internal.Frames.opened;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.SessionLost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What is kept registered: calls, their answers, and their repetition. */
class RegistrationTest extends SessionFixture {

    @Test
    void register_sameIdTwice_refusedAtOnce() {
        registered();
        assertThatThrownBy(() -> world.client.register("orders", ORDERS_1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("default/orders/orders-1");
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
    void close_interruptedThread_deregistersAndStaysInterrupted() {
        Registration registration = registered();
        Thread.currentThread().interrupt();
        registration.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(server.deregisters).hasSize(1);
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
    }

    @Test
    void close_insideACallback_doesNotWaitForItself() {
        Registration registration = world.client.register("orders", ORDERS_1);
        registration.registered().thenRun(registration::close);
        peer().send(opened("s1", 1));
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
        assertThat(server.deregisters).hasSize(1);
    }

    @Test
    void close_notHolderAnyMore_isClosed() {
        Registration registration = registered();
        server.failures.add(Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_HOLDER"));
        registration.close();
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
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
}
