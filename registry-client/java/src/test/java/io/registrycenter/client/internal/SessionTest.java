package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.expired;
import static io.registrycenter.client.internal.Frames.opened;
import static io.registrycenter.client.internal.Frames.reply;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionHeartbeatReply;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** One session over many streams. */
class SessionTest extends SessionFixture {

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
    void heartbeat_ofAnotherHistory_registersOnceMore_withTheSameSession() {
        Registration registration = registered();
        peer().send(replyOf("e1"));
        cutAndReturn();
        peer().send(opened("s1", 2));
        peer().send(replyOf("e1"));
        assertThat(server.registers).hasSize(1);

        peer().send(replyOf("restored"));
        assertThat(server.registers).hasSize(2);
        assertThat(lastRegister().getSessionId()).isEqualTo("s1");
        assertThat(lastRegister().getInstance())
                .isEqualTo(server.registers.get(0).getInstance());
        assertThat(lastRegister().getRequestId())
                .isNotEqualTo(server.registers.get(0).getRequestId());
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
    }

    @Test
    void resume_namesTheNewestCursor_andAnotherHistoryRegistersOnceMore_withTheSameSession() {
        Registration registration = registered();
        peer().send(replyAt(cursor(EPOCH, 120)));
        peer().send(replyAt(cursor(EPOCH, 118)));
        cutAndReturn();
        assertThat(peer().last().getResume().getCursor()).isEqualTo(cursor(EPOCH, 120));
        peer().send(opened("s1", 2));
        assertThat(server.registers).hasSize(1);

        cutAndReturn();
        AttachResponse answer = opened("s1", 3);
        peer().send(answer.toBuilder()
                .setOpened(answer.getOpened().toBuilder().setOtherHistory(true))
                .build());

        assertThat(server.registers).hasSize(2);
        assertThat(lastRegister().getSessionId()).isEqualTo("s1");
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        peer().send(replyAt(cursor(EPOCH, 60)));
        cutAndReturn();
        assertThat(peer().last().getResume().getCursor()).isEqualTo(cursor(EPOCH, 60));
    }

    private static AttachResponse replyAt(io.registrycenter.proto.v1.Cursor cursor) {
        return AttachResponse.newBuilder()
                .setHeartbeat(SessionHeartbeatReply.newBuilder().setCursor(cursor))
                .build();
    }

    private static AttachResponse replyOf(String epoch) {
        return AttachResponse.newBuilder()
                .setHeartbeat(SessionHeartbeatReply.newBuilder()
                        .setCursor(
                                io.registrycenter.proto.v1.Cursor.newBuilder().setEpoch(epoch)))
                .build();
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
}
