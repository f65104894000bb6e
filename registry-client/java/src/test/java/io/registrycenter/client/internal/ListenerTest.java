package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.put;
import static io.registrycenter.client.internal.Frames.removal;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import io.registrycenter.client.WatchListener;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** User code that throws, or takes its time, hurts only itself. */
class ListenerTest {

    /** Runs what it was given when the test says so: a busy executor. */
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    private static void sync(Peer<WatchRequest, WatchResponse> peer) {
        peer.send(welcome());
        peer.said().stream()
                .filter(WatchRequest::hasSubscribe)
                .forEach(request -> peer.send(snapshot(
                        request.getSubscribe().getSubscriptionId(),
                        SnapshotReason.SNAPSHOT_REASON_INITIAL,
                        cursor(EPOCH, 1),
                        instance("a", 1))));
    }

    private void run() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void listener_throws_othersAndTheViewGoOn() {
        try (FakeWorld world = new FakeWorld()) {
            RecordingListener calm = new RecordingListener();
            Watch angry = world.client.watch("orders", new WatchListener() {
                @Override
                public void onSnapshot(ViewChange change) {
                    throw new AssertionError("user code");
                }

                @Override
                public void onChanges(ViewChange change) {
                    throw new IllegalStateException("user code");
                }
            });
            world.client.watch("orders", calm);
            sync(world.server().watch());
            world.server().watch().send(deltas(1, delta(1, 2, put(instance("b", 2)))));
            world.server().watch().send(deltas(2, delta(1, 2, put(instance("b", 2)))));

            assertThat(angry.instances()).hasSize(2);
            assertThat(calm.take()).containsExactly("snapshot INITIAL", "+a@1", "+b@2");
        }
    }

    @Test
    void listener_slow_isToldTheNewestViewInOneStep() {
        try (FakeWorld world = new FakeWorld(1, tasks::add, Duration.ofSeconds(60))) {
            RecordingListener listener = new RecordingListener();
            Watch watch = world.client.watch("orders", listener);
            sync(world.server().watch());
            run();
            listener.take();

            for (int i = 2; i < 200; i++) {
                world.server().watch().send(deltas(1, delta(i - 1, i, put(instance("b", i)))));
            }
            world.server().watch().send(deltas(1, delta(199, 200, removal("a", RemovalReason.REMOVAL_REASON_ADMIN))));
            assertThat(tasks).as("one turn waits, however many steps").hasSize(1);
            assertThat(watch.instances()).extracting(Instance::modifiedRevision).containsExactly(199L);
            run();

            assertThat(listener.take()).containsExactly("+b@199", "-a@200 ADMIN");
            assertThat(listener.steps).hasSize(2);
            assertThat(listener.steps.get(1).coalesced()).isTrue();
        }
    }

    @Test
    void listener_aLittleSlow_isToldEveryStepInOrder() {
        try (FakeWorld world = new FakeWorld(1, tasks::add, Duration.ofSeconds(60))) {
            RecordingListener listener = new RecordingListener();
            world.client.watch("orders", listener);
            sync(world.server().watch());
            world.server().watch().send(deltas(1, delta(1, 2, put(instance("b", 2)))));
            world.server().watch().send(deltas(1, delta(2, 3, put(instance("b", 3)))));
            run();
            assertThat(listener.take()).containsExactly("snapshot INITIAL", "+a@1", "+b@2", "+b@3");
        }
    }

    @Test
    void listener_closedWatch_isNotCalledAnyMore() {
        try (FakeWorld world = new FakeWorld(1, tasks::add, Duration.ofSeconds(60))) {
            RecordingListener listener = new RecordingListener();
            Watch watch = world.client.watch("orders", listener);
            sync(world.server().watch());
            watch.close();
            run();
            assertThat(listener.take()).isEmpty();
        }
    }
}
