package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.Watch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is used inside a call of a gRPC server is not the call's: it outlives its end and its deadline. */
class CallersContextTest {

    private static void sync(FakeWorld world) {
        world.server().watch().send(Frames.welcome());
        world.server()
                .watch()
                .send(Frames.snapshot(
                        1,
                        io.registrycenter.proto.v1.SnapshotReason.SNAPSHOT_REASON_INITIAL,
                        Frames.cursor(Frames.EPOCH, 1)));
    }

    @Test
    void streams_callersContextCancelled_goOn() {
        try (FakeWorld world = new FakeWorld()) {
            Context.CancellableContext caller = Context.current().withCancellation();
            Watch[] watch = new Watch[1];
            Registration[] registration = new Registration[1];
            caller.run(() -> {
                watch[0] = world.client.watch("orders", new RecordingListener());
                registration[0] =
                        world.client.register("orders", Instance.builder("me").build());
            });
            sync(world);
            world.server().session().send(Frames.opened("s1", 1));
            caller.cancel(null);
            assertThat(world.reports).isEmpty();
            assertThat(world.server().watch().over()).isFalse();
            assertThat(watch[0].view().stale()).isFalse();
            assertThat(registration[0].state()).isEqualTo(RegistrationState.REGISTERED);
        }
    }

    @Test
    void streams_callersDeadline_isNotTheirs() {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try (FakeWorld world = new FakeWorld();
                Context.CancellableContext caller = Context.current().withDeadlineAfter(1, TimeUnit.HOURS, timer)) {
            caller.run(() -> world.client.watch("orders", new RecordingListener()));
            assertThat(world.server().deadlines).containsEntry("Watch", false);
        } finally {
            timer.shutdownNow();
        }
    }
}
