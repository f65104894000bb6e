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
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.Registration;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import io.registrycenter.client.WatchListener;
import io.registrycenter.proto.v1.SessionLost;
import io.registrycenter.proto.v1.SnapshotReason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever an executor or a listener of the user did before, what comes next is told, once and in order. */
@Timeout(60)
class CallbackLossTest {

    /** After this a hand-over that came to nothing was repeated. */
    private static final Duration REPEATED = Duration.ofMillis(1_200);

    /** What an executor does with a task that it does not run. */
    enum Fault {
        REJECTS,
        HAS_NO_MEMORY,
        HAS_A_FAULT,
        DROPS;

        void strike() {
            switch (this) {
                case REJECTS -> throw new RejectedExecutionException("full");
                case HAS_NO_MEMORY -> throw new OutOfMemoryError("unable to create native thread");
                case HAS_A_FAULT -> throw new NullPointerException("fault of an executor");
                case DROPS -> {
                    // As a DiscardPolicy does.
                }
            }
        }
    }

    /** Runs its tasks there and then, but for the next ones. */
    private static final class FaultyExecutor implements Executor {
        private final Fault fault;
        private int strikes;

        FaultyExecutor(Fault fault) {
            this.fault = fault;
        }

        @Override
        public void execute(Runnable task) {
            if (strikes > 0) {
                strikes--;
                fault.strike();
            } else {
                task.run();
            }
        }
    }

    private static void sync(FakeServer server, long id) {
        server.watch().send(welcome());
        server.watch().send(snapshot(id, SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 1), instance("a", 1)));
    }

    private static void change(FakeServer server, long revision) {
        server.watch().send(deltas(1, delta(revision - 1, revision, put(instance("b", revision)))));
    }

    @ParameterizedTest
    @EnumSource
    void listener_executorFailedOnce_isToldEachChangeOnceAndInOrder(Fault fault) {
        FaultyExecutor executor = new FaultyExecutor(fault);
        try (FakeWorld world = new FakeWorld(1, executor, Duration.ofSeconds(60))) {
            RecordingListener listener = new RecordingListener();
            Watch watch = world.client.watch("orders", listener);
            sync(world.server(), 1);
            listener.take();

            executor.strikes = 1;
            change(world.server(), 2);
            change(world.server(), 3);
            assertThat(watch.view().stale()).isFalse();
            assertThat(watch.instances()).hasSize(2);
            world.pass(REPEATED);
            assertThat(listener.take()).as("without another change").containsExactly("+b@2", "+b@3");

            change(world.server(), 4);
            assertThat(listener.take()).as("the change after that, at once").containsExactly("+b@4");
            assertThat(world.losses).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void listener_executorFailedForMinutes_isToldSoonAfterItWorksAgain(Fault fault) {
        FaultyExecutor executor = new FaultyExecutor(fault);
        try (FakeWorld world = new FakeWorld(1, executor, Duration.ofSeconds(60))) {
            RecordingListener listener = new RecordingListener();
            world.client.watch("orders", listener);
            sync(world.server(), 1);
            listener.take();

            executor.strikes = Integer.MAX_VALUE;
            change(world.server(), 2);
            world.pass(Duration.ofSeconds(85));
            assertThat(Integer.MAX_VALUE - executor.strikes)
                    .as("tasks given to an executor that may only be busy")
                    .isLessThan(10);
            executor.strikes = 0;
            assertThat(listener.take()).isEmpty();
            change(world.server(), 3);
            world.pass(Duration.ofSeconds(31));
            assertThat(listener.take()).containsExactly("+b@2", "+b@3");
        }
    }

    @ParameterizedTest
    @EnumSource
    void linkListener_executorFailedOnce_isToldTheLossAndTheReturn(Fault fault) {
        FaultyExecutor executor = new FaultyExecutor(fault);
        try (FakeWorld world = new FakeWorld(1, executor, Duration.ofSeconds(60))) {
            world.client.watch("orders", new RecordingListener());
            sync(world.server(), 1);
            assertThat(world.connected).hasSize(1);

            executor.strikes = 1;
            world.server().watch().fail(Status.UNAVAILABLE.asRuntimeException());
            assertThat(world.losses).isEmpty();
            world.pass(REPEATED);
            assertThat(world.losses).hasSize(1);
            sync(world.server(), 2);
            assertThat(world.connected).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void onLost_executorFailedOnce_isTold(Fault fault) {
        FaultyExecutor executor = new FaultyExecutor(fault);
        List<LostReason> told = new ArrayList<>();
        try (FakeWorld world = new FakeWorld(1, executor, Duration.ofSeconds(60))) {
            world.client.register("orders", Instance.builder("me").build()).onLost(told::add);
            world.server().session().send(Frames.opened("s1", 1));
            executor.strikes = 1;
            world.server().session().send(Frames.lost("me", SessionLost.Reason.REASON_ADMIN));
            assertThat(told).isEmpty();
            world.pass(REPEATED);
            assertThat(told).containsExactly(LostReason.ADMIN);
        }
    }

    @ParameterizedTest
    @EnumSource
    void stage_executorFailedOnce_completes(Fault fault) {
        FaultyExecutor executor = new FaultyExecutor(fault);
        try (FakeWorld world = new FakeWorld(1, executor, Duration.ofSeconds(60))) {
            Registration registration =
                    world.client.register("orders", Instance.builder("me").build());
            CompletableFuture<Cursor> registered = registration.registered().toCompletableFuture();
            executor.strikes = 2;
            world.server().session().send(Frames.opened("s1", 1));
            world.pass(REPEATED);
            assertThat(registered).isCompleted();
        }
    }

    @Test
    void listener_handedOverAgainAndBothTasksRun_isToldOnce() {
        Deque<Runnable> tasks = new ArrayDeque<>();
        try (FakeWorld world = new FakeWorld(1, tasks::add, Duration.ofSeconds(60))) {
            RecordingListener listener = new RecordingListener();
            world.client.watch("orders", listener);
            sync(world.server(), 1);
            world.pass(REPEATED);
            change(world.server(), 2);
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
            assertThat(listener.take()).containsExactly("snapshot INITIAL", "+a@1", "+b@2");
        }
    }

    @Test
    void listener_handedOverAgainWhileTheFirstRuns_isNeverCalledTwiceAtOnce() throws InterruptedException {
        Deque<Runnable> tasks = new ArrayDeque<>();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        List<Long> told = new ArrayList<>();
        try (FakeWorld world = new FakeWorld(1, tasks::add, Duration.ofSeconds(60))) {
            world.client.watch("orders", change -> {
                told.add(change.cursor().revision());
                entered.countDown();
                uninterruptibly(release);
            });
            sync(world.server(), 1);
            world.pass(REPEATED);
            Deque<Runnable> both = new ArrayDeque<>(tasks);
            assertThat(both).hasSizeGreaterThan(1);
            Thread first = new Thread(() -> both.forEach(Runnable::run));
            first.start();
            entered.await();
            change(world.server(), 2);
            List.copyOf(both).forEach(Runnable::run);
            assertThat(told).containsExactly(1L);
            release.countDown();
            first.join();
            assertThat(told).containsExactly(1L, 2L);
        }
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    /** As languages without checked exceptions do. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void listener_throwsACheckedException_isToldTheNextChange() {
        RecordingListener told = new RecordingListener();
        WatchListener throwing = new WatchListener() {
            @Override
            public void onChanges(ViewChange change) {
                told.onChanges(change);
                CallbackLossTest.<RuntimeException>sneak(new IOException("user code"));
            }
        };
        try (FakeWorld world = new FakeWorld(1, Runnable::run, Duration.ofSeconds(60))) {
            Watch watch = world.client.watch("orders", throwing);
            sync(world.server(), 1);
            change(world.server(), 2);
            change(world.server(), 3);
            assertThat(told.take()).containsExactly("+a@1", "+b@2", "+b@3");
            assertThat(watch.view().stale()).isFalse();
            assertThat(world.losses).isEmpty();
        }
    }
}
