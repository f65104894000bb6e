package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.expired;
import static io.registrycenter.client.internal.Frames.lost;
import static io.registrycenter.client.internal.Frames.opened;
import static io.registrycenter.client.internal.Frames.reply;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.SessionHeartbeatReply;
import io.registrycenter.proto.v1.SessionLost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** An id that is registered again, by this client or another: late news and late answers concern the registration they name. */
class SuccessionTest extends SessionFixture {

    private static final Instance CHANGED =
            Instance.builder("orders-1").zone("elsewhere").build();

    // --- late news

    @Test
    void lost_ofAFormerRegistration_isIgnored() {
        Registration first = registered();
        long former = created(first);
        Registration newer = replacedAndRegisteredAgain(first);

        peer().send(replaced(former));

        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
        peer().send(replaced(created(newer)));
        assertThat(newer.state()).isEqualTo(RegistrationState.LOST);
    }

    @Test
    void lost_ofAFormerRegistration_byAnOperator_isIgnored() {
        Registration first = registered();
        long former = created(first);
        Registration newer = replacedAndRegisteredAgain(first);
        peer().send(lost("orders-1", former, SessionLost.Reason.REASON_ADMIN));
        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void lost_ofAFormerRegistration_againAfterAResume_isIgnored() {
        Registration first = registered();
        long former = created(first);
        Registration newer = replacedAndRegisteredAgain(first);
        cutAndReturn();
        peer().send(opened("s1", 2));
        peer().send(replaced(former));
        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void lost_ofAFormerRegistration_beforeTheAcknowledgement_isIgnored() {
        Registration first = registered();
        long former = created(first);
        first.close();
        server.holdCalls();
        Registration newer = world.client.register("orders", ORDERS_1);
        peer().send(replaced(former));
        assertThat(newer.state()).isEqualTo(RegistrationState.PENDING);

        server.answerCalls();

        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void lost_ofThisRegistration_beforeTheAcknowledgement_isLost() {
        registered().close();
        server.holdCalls();
        Registration registration = world.client.register("orders", ORDERS_1);
        List<LostReason> told = new ArrayList<>();
        registration.onLost(told::add);
        peer().send(replaced(103));
        server.answerCalls();

        assertThat(registration.registered().toCompletableFuture()).isCompletedWithValue(new Cursor("e1", 103));
        assertThat(registration.state()).isEqualTo(RegistrationState.LOST);
        assertThat(told).containsExactly(LostReason.REPLACED);
    }

    @Test
    void lost_inAnotherHistory_isNotComparedWithTheFormerOne() {
        Registration registration = registered();
        peer().send(reply());
        server.holdCalls();
        peer().send(AttachResponse.newBuilder()
                .setHeartbeat(SessionHeartbeatReply.newBuilder().setCursor(cursor("e2", 50)))
                .build());
        peer().send(replaced(7));
        assertThat(registration.state()).isEqualTo(RegistrationState.LOST);
    }

    // --- late answers

    @Test
    void lost_whileAnUpdateIsOnItsWay_takesOutWhatTheUpdateRegistered() {
        Registration registration = registered();
        server.holdCalls();
        CompletionStage<Cursor> update = registration.update(CHANGED);
        server.replaced("orders-1");
        peer().send(replaced(101));
        assertThat(registration.state()).isEqualTo(RegistrationState.LOST);
        assertThat(failure(update).kind()).isEqualTo(RegistryException.Kind.NOT_HOLDER);

        server.answerCalls();

        assertThat(server.deregisters).hasSize(1);
        assertThat(lastDeregister().getRegistration()).isEqualTo(registration(102));
        assertThat(registration.state()).isEqualTo(RegistrationState.LOST);
    }

    @Test
    void lost_whileAnUpdateWaitsToBeRepeated_takesOutWhatItMayHaveRegistered() {
        Registration registration = registered();
        server.failures.add(Status.DEADLINE_EXCEEDED.asRuntimeException());
        registration.update(CHANGED);
        int registers = server.registers.size();
        peer().send(replaced(101));
        world.pass(Duration.ofMinutes(1));

        assertThat(server.registers).as("it would take the id back").hasSize(registers);
        assertThat(server.deregisters).hasSize(1);
    }

    @Test
    void lost_notSaidWhich_beforeTheAcknowledgement_leavesNothingThere() {
        registered().close();
        server.holdCalls();
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(lost("orders-1", SessionLost.Reason.REASON_REPLACED));
        assertThat(registration.state())
                .as("as with a client that knows no better")
                .isEqualTo(RegistrationState.LOST);

        server.answerCalls();

        assertThat(server.deregisters).as("the first one's, and this one's").hasSize(2);
    }

    @Test
    void registeredAnew_whileTheLostOnesUpdateIsOnItsWay_staysRegistered() {
        Registration registration = registered();
        server.holdCalls();
        registration.update(CHANGED);
        server.replaced("orders-1");
        peer().send(replaced(101));
        Registration newer = world.client.register("orders", ORDERS_1);
        assertThat(server.registers).as("one call at a time").hasSize(2);

        server.answerCalls();

        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(server.registers).hasSize(3);
        assertThat(lastRegister().getInstance().getZone()).isEmpty();
        assertThat(server.deregisters).isEmpty();
    }

    @Test
    void answerOfAnExpiredSession_isNotTakenForTheNextOnes() {
        server.holdCalls();
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(opened("s1", 1));
        peer().send(expired());
        server.answerCalls();
        assertThat(registration.state()).isEqualTo(RegistrationState.PENDING);
    }

    // --- closed, and registered anew

    @Test
    void close_whileCut_registeredAnew_isRegisteredWhenTheServerIsBack() {
        Registration former = registered();
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        former.close();
        assertThat(former.state()).isEqualTo(RegistrationState.DEREGISTERING);

        Registration newer = world.client.register("orders", CHANGED);
        assertThat(former.state()).isEqualTo(RegistrationState.CLOSED);
        world.pass(world.report().nextAttemptIn());
        peer().send(opened("s1", 2));

        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(server.deregisters).as("a removal that was not sent").isEmpty();
        assertThat(lastRegister().getInstance().getZone()).isEqualTo("elsewhere");
    }

    @Test
    void close_removalThatWasSent_isSettledBeforeTheNewOneIsRegistered() {
        Registration former = registered();
        server.failures.add(Status.UNAVAILABLE.asRuntimeException());
        former.close();
        Registration newer = world.client.register("orders", ORDERS_1);
        assertThat(server.registers).hasSize(1);

        world.pass(Duration.ofSeconds(2));

        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(server.deregisters.stream()
                        .map(DeregisterRequest::getRequestId)
                        .distinct())
                .hasSize(1);
        assertThat(server.deregisters).hasSize(2);
        assertThat(created(newer)).isEqualTo(103);
    }

    @Test
    void close_removalThatWasSent_findsNothing_theNewOneIsRegistered() {
        Registration former = registered();
        server.failures.add(Status.UNAVAILABLE.asRuntimeException());
        server.failures.add(Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_HOLDER"));
        former.close();
        Registration newer = world.client.register("orders", ORDERS_1);
        world.pass(Duration.ofSeconds(2));
        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void close_theNewOneToo_takesTheInstanceOutOnce() {
        Registration former = registered();
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        former.close();
        Registration newer = world.client.register("orders", ORDERS_1);
        newer.close();
        world.pass(world.report().nextAttemptIn());
        peer().send(opened("s1", 2));

        assertThat(server.deregisters).hasSize(1);
        assertThat(server.registers).hasSize(1);
        assertThat(newer.state()).isEqualTo(RegistrationState.CLOSED);
        assertThat(failure(newer.registered()).kind()).isEqualTo(RegistryException.Kind.CLOSED);
    }

    @Test
    void close_whileCut_registeredAnew_sessionExpired_isRegisteredWithTheNextOne() {
        Registration former = registered();
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        former.close();
        Registration newer = world.client.register("orders", ORDERS_1);
        world.pass(world.report().nextAttemptIn());
        peer().send(expired());
        peer().fail(Errors.of(Status.Code.NOT_FOUND, "SESSION_EXPIRED"));
        world.pass(Duration.ofSeconds(1));
        peer().send(opened("s2", 1));

        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(server.deregisters).isEmpty();
        assertThat(lastRegister().getSessionId()).isEqualTo("s2");
    }

    @Test
    void registeredAnew_refused_whatTheFormerOneLeftIsTakenOut() {
        Registration former = registered();
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        former.close();
        Registration newer = world.client.register("orders", CHANGED);
        server.failures.add(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED"));
        world.pass(world.report().nextAttemptIn());
        peer().send(opened("s1", 2));

        assertThat(newer.state()).isEqualTo(RegistrationState.REFUSED);
        assertThat(server.deregisters).hasSize(1);
    }

    @Test
    void close_whileAnUpdateThatIsRefusedIsOnItsWay_takesTheInstanceOut() {
        Registration registration = registered();
        server.holdCalls();
        server.failures.add(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED"));
        registration.update(CHANGED);
        registration.close();
        server.answerCalls();

        assertThat(server.deregisters).hasSize(1);
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
    }

    @Test
    void close_registrationOfAHistoryThatWasLeft_isRepeatedWithoutIt() {
        Registration registration = registered();
        peer().send(reply());
        server.holdCalls();
        registration.close();
        peer().send(AttachResponse.newBuilder()
                .setHeartbeat(SessionHeartbeatReply.newBuilder().setCursor(cursor("e2", 50)))
                .build());
        server.failures.add(Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_HOLDER"));
        server.answerCalls();

        assertThat(server.deregisters).hasSize(2);
        assertThat(lastDeregister().hasRegistration()).isFalse();
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
    }

    @Test
    void status_registrationOfAHistoryThatWasLeft_isRegisteredWhole() {
        Registration registration = registered();
        peer().send(reply());
        server.holdCalls();
        CompletionStage<Cursor> leaving = registration.status(InstanceStatus.LEAVING);
        peer().send(AttachResponse.newBuilder()
                .setHeartbeat(SessionHeartbeatReply.newBuilder().setCursor(cursor("e2", 50)))
                .build());
        server.failures.add(Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_HOLDER"));
        server.answerCalls();

        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(leaving.toCompletableFuture()).isCompleted();
        assertThat(lastRegister().getInstance().getStatus())
                .isEqualTo(io.registrycenter.proto.v1.InstanceStatus.INSTANCE_STATUS_LEAVING);
    }

    @Test
    void close_saysWhichRegistrationIsMeant() {
        registered().close();
        assertThat(lastDeregister().getRegistration()).isEqualTo(registration(101));
    }

    // --- steps

    /** Another session took it, this client does not know yet, closes its registration, and registers again. */
    private Registration replacedAndRegisteredAgain(Registration former) {
        server.replaced("orders-1");
        server.failures.add(Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_HOLDER"));
        former.close();
        Registration newer = world.client.register("orders", ORDERS_1);
        assertThat(newer.state()).isEqualTo(RegistrationState.REGISTERED);
        return newer;
    }

    private static AttachResponse replaced(long created) {
        return lost("orders-1", created, SessionLost.Reason.REASON_REPLACED);
    }

    /** As calls name it: without a mark, which is one of a state and not of a registration. */
    private static io.registrycenter.proto.v1.Cursor registration(long created) {
        return io.registrycenter.proto.v1.Cursor.newBuilder()
                .setEpoch("e1")
                .setRevision(created)
                .build();
    }

    private static long created(Registration registration) {
        return registration.registered().toCompletableFuture().join().revision();
    }

    private DeregisterRequest lastDeregister() {
        return server.deregisters.get(server.deregisters.size() - 1);
    }
}
