package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.opened;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.proto.v1.AttachRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A session that nothing needs any more, and the goodbye. */
class SessionRestTest extends SessionFixture {

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
    void close_insideTheClient_doesNotWaitForItself() {
        Registration registration = world.client.register("orders", ORDERS_1);
        registration.registered().thenRun(world.client::close);
        // The goodbye is said from another thread; the call that is answered here returns without it.
        peer().send(opened("s1", 1));
        assertThat(registration.registered().toCompletableFuture()).isCompleted();
        world.client.close();
        assertThat(peer().said().get(peer().said().size() - 1).hasGoodbye()).isTrue();
    }
}
