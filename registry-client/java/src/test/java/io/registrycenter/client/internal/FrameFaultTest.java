package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.put;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fault of the client while it handles a frame ends that stream at once; another one goes on from the cursor. */
class FrameFaultTest {

    private static Error noMemory() {
        return new OutOfMemoryError("a fault while a frame is handled");
    }

    @Test
    void watchFrame_cannotBeHandled_viewIsStaleAtOnceAndGoesOnFromItsCursor(@TempDir Path cache) {
        try (FakeWorld world = new FakeWorld(1, Runnable::run, Duration.ofSeconds(60), cache)) {
            RecordingListener listener = new RecordingListener();
            Watch watch = world.client.watch("orders", listener);
            FakeServer server = world.server();
            server.watch().send(welcome());
            server.watch()
                    .send(snapshot(1, SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 1), instance("a", 1)));
            world.pass(Duration.ofSeconds(2));
            listener.take();

            // The view is to be remembered on disk, and there is no timer for it.
            world.timing.fault = noMemory();
            server.watch().send(deltas(1, delta(1, 2, put(instance("b", 2)))));
            assertThat(server.watch().over()).isTrue();
            assertThat(watch.view().stale()).isTrue();
            assertThat(world.report().cause()).isEqualTo(CloseCause.CLIENT_FAULT);
            assertThat(world.report().detail()).contains("a fault while a frame is handled");

            world.pass(world.report().nextAttemptIn());
            WatchSubscribe again = server.watch().said().get(1).getSubscribe();
            assertThat(again.getCursor().getRevision()).isEqualTo(2);
            server.watch().send(welcome());
            server.watch().send(deltas(again.getSubscriptionId(), delta(2, 3, put(instance("c", 3)))));
            assertThat(listener.take()).containsExactly("+b@2", "+c@3");
            assertThat(watch.view().stale()).isFalse();
            assertThat(watch.instances()).extracting(Instance::id).containsExactly("a", "b", "c");
        }
    }

    @Test
    void sessionFrame_cannotBeHandled_anotherStreamBringsASession() {
        try (FakeWorld world = new FakeWorld()) {
            Registration registration =
                    world.client.register("orders", Instance.builder("me").build());
            FakeServer server = world.server();
            // There is no timer for the heartbeats.
            world.timing.fault = noMemory();
            server.session().send(Frames.opened("s1", 1));
            assertThat(server.session().over()).isTrue();
            assertThat(world.report().cause()).isEqualTo(CloseCause.CLIENT_FAULT);
            world.pass(world.report().nextAttemptIn());
            server.session().send(Frames.opened("s2", 1));
            assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
            world.pass(Duration.ofSeconds(6));
            assertThat(server.session().last().hasHeartbeat()).isTrue();
        }
    }

    @Test
    void sessionHeartbeat_timerHasAFault_sessionIsResumed() {
        try (FakeWorld world = new FakeWorld()) {
            world.client.register("orders", Instance.builder("me").build());
            FakeServer server = world.server();
            server.session().send(Frames.opened("s1", 1));
            world.timing.fault = noMemory();
            world.pass(Duration.ofSeconds(5));
            assertThat(world.report().cause()).isEqualTo(CloseCause.CLIENT_FAULT);
            world.pass(world.report().nextAttemptIn());
            server.session().send(Frames.opened("s1", 2));
            world.pass(Duration.ofSeconds(6));
            assertThat(server.session().last().hasHeartbeat()).isTrue();
        }
    }

    @Test
    void registration_timerOfItsNextTryHasAFault_isTriedAgain() {
        try (FakeWorld world = new FakeWorld()) {
            FakeServer server = world.server();
            Registration registration =
                    world.client.register("orders", Instance.builder("me").build());
            server.session().send(Frames.opened("s1", 1));
            server.registrar = new FaultyTimer(world);
            CompletableFuture<io.registrycenter.client.Cursor> leaving =
                    registration.status(InstanceStatus.LEAVING).toCompletableFuture();
            server.registrar = null;
            world.pass(Duration.ofSeconds(2));
            assertThat(leaving).isCompleted();
            assertThat(world.reports).isEmpty();
        }
    }

    /** Refuses, and lets the client have no timer for its next try. */
    private record FaultyTimer(FakeWorld world) implements FakeServer.Registrar {
        private StatusRuntimeException refusal() {
            world.timing.fault = noMemory();
            return Status.UNAVAILABLE.asRuntimeException();
        }

        @Override
        public RegisterResponse register(RegisterRequest request) {
            throw refusal();
        }

        @Override
        public Cursor updateStatus(UpdateStatusRequest request) {
            throw refusal();
        }

        @Override
        public Cursor deregister(DeregisterRequest request) {
            throw refusal();
        }
    }
}
