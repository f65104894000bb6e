package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.ServiceList;
import io.registrycenter.client.StreamKind;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is thrown while a stream or a call is begun is a failed attempt: told, backed off, and others are tried. */
class FailedStartTest {

    private static final Duration A_WHILE = Duration.ofMinutes(2);

    static Stream<Throwable> faults() {
        return Stream.of(
                new IllegalArgumentException("no such scheme"),
                new NoClassDefFoundError("io/grpc/Absent"),
                new OutOfMemoryError("unable to create native thread"),
                new IOException("checked"));
    }

    private static FakeWorld world(int servers) {
        return new FakeWorld(servers, Runnable::run, Duration.ofSeconds(60));
    }

    private static String target(FakeWorld world, int server) {
        return world.targets.get(server);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void stream_cannotBegin_isToldAndTriedAgain(Throwable fault) {
        try (FakeWorld world = world(1)) {
            world.unopenable.put(target(world, 0), fault);
            world.client.watch("orders", new RecordingListener());
            world.client.register("orders", Instance.builder("a").build());
            assertThat(world.reports)
                    .extracting(DisconnectReport::stream)
                    .containsExactlyInAnyOrder(StreamKind.values());
            assertThat(world.reports).allSatisfy(report -> {
                assertThat(report.cause()).isEqualTo(CloseCause.CLIENT_FAULT);
                assertThat(report.phase()).isEqualTo(Phase.CONNECTING);
                assertThat(report.detail()).contains(fault.getMessage());
                assertThat(report.retries()).isTrue();
                assertThat(report.nextAttemptIn()).isPositive();
            });
            world.pass(A_WHILE);
            assertThat(world.reports).hasSizeBetween(10, 60);
            assertThat(world.report().failures()).isGreaterThan(4);

            world.unopenable.clear();
            world.pass(A_WHILE);
            assertThat(world.server().watches).isNotEmpty();
            assertThat(world.server().sessions).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void callOfAStream_cannotBegin_isToldAndTriedAgain(Throwable fault) {
        try (FakeWorld world = world(1)) {
            world.callFault = fault;
            world.client.watch("orders", new RecordingListener());
            assertThat(world.report().cause()).isEqualTo(CloseCause.CLIENT_FAULT);
            world.callFault = null;
            world.pass(A_WHILE);
            assertThat(world.server().watches).isNotEmpty();
        }
    }

    @Test
    void stream_oneBadAmongGood_theOthersAreUsed() {
        try (FakeWorld world = world(3)) {
            world.dice = new Random(1)::nextDouble;
            world.unopenable.put(target(world, 0), new IllegalArgumentException("bad"));
            world.client.watch("orders", new RecordingListener());
            for (int moves = 0; moves < 20; moves++) {
                FakeServer reached = lastReached(world);
                while (reached == null) {
                    world.pass(Duration.ofMillis(100));
                    reached = lastReached(world);
                }
                Links.synced(reached.watch());
                reached.watch().fail(Status.UNAVAILABLE.asRuntimeException());
            }
            assertThat(world.reports).extracting(DisconnectReport::cause).contains(CloseCause.CLIENT_FAULT);
            assertThat(world.losses).hasSize(20);
        }
    }

    /** The server that has a stream; null: none has. */
    private static @Nullable FakeServer lastReached(FakeWorld world) {
        return world.servers.stream()
                .filter(server -> !server.watches.isEmpty() && !server.watch().over())
                .findFirst()
                .orElse(null);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void read_cannotBegin_completes(Throwable fault) {
        try (FakeWorld world = world(1)) {
            world.unopenable.put(target(world, 0), fault);
            assertUnavailable(world.client.services().toCompletableFuture());
            world.unopenable.clear();
            world.callFault = fault;
            assertUnavailable(world.client.services().toCompletableFuture());
        }
    }

    private static void assertUnavailable(CompletableFuture<ServiceList> answer) {
        assertThat(answer).isCompletedExceptionally();
        RegistryException failure = (RegistryException) answer.handle(
                        (list, thrown) -> thrown instanceof CompletionException wrapped ? wrapped.getCause() : thrown)
                .join();
        assertThat(failure.kind()).isEqualTo(RegistryException.Kind.UNAVAILABLE);
        assertThat(failure.closeCause()).isEqualTo(CloseCause.CLIENT_FAULT);
    }

    @Test
    void read_oneBadAmongGood_theOtherAnswers() {
        try (FakeWorld world = world(2)) {
            world.random = 0;
            world.unopenable.put(target(world, 0), new IllegalArgumentException("bad"));
            assertThat(world.client.services().toCompletableFuture()).isCompleted();
            assertThat(world.servers.get(1).reads).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void registration_cannotBegin_isTriedAgain(Throwable fault) {
        try (FakeWorld world = world(1)) {
            world.client.register("orders", Instance.builder("a").build());
            Registration second =
                    world.client.register("orders", Instance.builder("b").build());
            world.callFault = fault;
            world.server().session().send(Frames.opened("s1", 1));
            assertThat(second.state()).isEqualTo(RegistrationState.PENDING);
            world.callFault = null;
            world.pass(A_WHILE);
            assertThat(second.state()).isEqualTo(RegistrationState.REGISTERED);
            assertThat(world.server().registers).hasSize(2);
        }
    }
}
