package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.put;
import static io.registrycenter.client.internal.Frames.reply;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.SnapshotReason;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads: a callback that blocks for as long as it likes holds up nobody else. */
@Timeout(60)
class BlockedCallbackTest {

    @Test
    void listener_blocksForMinutes_viewsHeartbeatsAndOtherListenersGoOn() throws InterruptedException {
        ExecutorService callbacks = Executors.newFixedThreadPool(4);
        CountDownLatch entered = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(3);
        try (FakeWorld world = new FakeWorld(1, callbacks, Duration.ofSeconds(60))) {
            Watch blocked = world.client.watch("orders", change -> {
                entered.countDown();
                await(release);
            });
            Watch free = world.client.watch("orders", change -> others.countDown());
            FakeServer server = world.server();
            server.watch().send(welcome());
            for (long id = 1; id <= 2; id++) {
                server.watch()
                        .send(snapshot(id, SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 1), instance("a", 1)));
            }
            Registration registration =
                    world.client.register("orders", Instance.builder("me").build());
            registration.registered().thenRun(() -> {
                entered.countDown();
                await(release);
            });
            server.session().send(Frames.opened("s1", 1));
            assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();

            for (int minute = 0; minute < 10; minute++) {
                for (int beat = 0; beat < 15; beat++) {
                    world.pass(Duration.ofSeconds(4));
                    server.session().send(reply());
                    server.watch().send(Frames.heartbeat(0, 1, cursor(EPOCH, 1)));
                }
            }
            assertThat(server.session().said().stream().filter(AttachRequest::hasHeartbeat))
                    .as("ten minutes of heartbeats")
                    .hasSizeGreaterThan(120);
            for (long id = 1; id <= 2; id++) {
                server.watch().send(deltas(id, delta(1, 2, put(instance("b", 2)))));
                server.watch().send(deltas(id, delta(2, 3, put(instance("c", 3)))));
            }

            assertThat(others.await(30, TimeUnit.SECONDS))
                    .as("the other listener")
                    .isTrue();
            assertThat(blocked.instances()).hasSize(3);
            assertThat(free.instances()).hasSize(3);
            assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
            registration.close();
            assertThat(server.deregisters).hasSize(1);
            assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
        } finally {
            // The client is closed by now, while they still block.
            release.countDown();
            callbacks.shutdown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
