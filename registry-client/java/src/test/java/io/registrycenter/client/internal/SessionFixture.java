package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.opened;
import static io.registrycenter.client.internal.Frames.reply;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.RegisterRequest;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;

/** A client with one server, and the steps of tests about what it registers there. */
abstract class SessionFixture {

    static final Instance ORDERS_1 =
            Instance.builder("orders-1").endpoint("grpc", "10.0.0.1", 8080).build();

    final FakeWorld world = new FakeWorld();
    final FakeServer server = world.server();

    @AfterEach
    void close() {
        world.close();
    }

    Peer<AttachRequest, AttachResponse> peer() {
        return server.session();
    }

    Registration registered() {
        Registration registration = world.client.register("orders", ORDERS_1);
        peer().send(opened("s1", 1));
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        return registration;
    }

    void cutAndReturn() {
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        world.pass(world.report().nextAttemptIn());
    }

    RegisterRequest lastRegister() {
        return server.registers.get(server.registers.size() - 1);
    }

    static RegistryException failure(CompletionStage<?> stage) {
        assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
        Throwable thrown =
                stage.handle((value, failure) -> failure).toCompletableFuture().join();
        assertThat(thrown).isInstanceOf(RegistryException.class);
        return (RegistryException) thrown;
    }

    /** Time in which the server answers heartbeats. */
    void beatFor(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            world.pass(Duration.ofSeconds(1));
            if (!peer().over()) {
                peer().send(reply());
            }
        }
    }
}
