package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
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
}
