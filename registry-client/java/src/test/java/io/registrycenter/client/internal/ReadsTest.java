package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Interest;
import io.registrycenter.client.Registration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Unary reads: repeated where that helps. */
class ReadsTest {

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
    void reads_onlyServerSaysWhenToComeBack_notRepeated() {
        try (FakeWorld world = new FakeWorld()) {
            world.server().failures.add(Errors.of(Status.Code.UNAVAILABLE, "SERVER_BEHIND", Duration.ofSeconds(2)));
            assertThat(world.client.services().toCompletableFuture()).isCompletedExceptionally();
            assertThat(world.server().reads).isEqualTo(1);
        }
    }

    @Test
    void reads_sparedTarget_itsStreamsAndRegistrationsGoOn() {
        try (FakeWorld world = new FakeWorld()) {
            FakeServer server = world.server();
            Registration registration =
                    world.client.register("orders", Instance.builder("a").build());
            server.session().send(Frames.opened("s1", 1));
            for (int i = 0; i < 10; i++) {
                server.failures.add(Status.UNAVAILABLE.asRuntimeException());
            }
            for (int i = 0; i < 6; i++) {
                assertThat(world.client.services().toCompletableFuture()).isCompletedExceptionally();
            }
            assertThat(server.reads).as("spared").isEqualTo(10);

            int said = server.session().said().size();
            registration.status(InstanceStatus.LEAVING);
            assertThat(server.statuses).hasSize(1);
            Links.live(world, server);
            world.pass(Duration.ofMillis(4_999));
            assertThat(server.session().said()).as("a heartbeat").hasSize(said + 1);
            assertThat(world.client.services().toCompletableFuture())
                    .as("still spared")
                    .isCompletedExceptionally();
            assertThat(server.reads).isEqualTo(10);
        }
    }

    @Test
    void deadline_everyUnaryCall_andNoStream() {
        try (FakeWorld world = new FakeWorld()) {
            FakeServer server = world.server();
            Links.live(world, server);
            Registration registration =
                    world.client.register("orders", Instance.builder("a").build());
            server.session().send(Frames.opened("s1", 1));
            registration.status(InstanceStatus.LEAVING);
            registration.close();
            world.client.services();
            world.client.instances(Interest.service("default", "orders"));
            assertThat(server.deadlines)
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "Watch", false,
                            "Attach", false,
                            "Register", true,
                            "UpdateStatus", true,
                            "Deregister", true,
                            "ListServices", true,
                            "ListInstances", true));
        }
    }
}
