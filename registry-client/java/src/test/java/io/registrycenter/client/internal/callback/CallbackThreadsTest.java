package io.registrycenter.client.internal.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads on a clock in the test's hand. */
@Timeout(60)
class CallbackThreadsTest {

    private final AtomicLong clock = new AtomicLong();
    private final CountDownLatch release = new CountDownLatch(1);
    private final CallbackThreads threads = new CallbackThreads(
            task -> {
                Thread thread = new Thread(task);
                thread.setDaemon(true);
                return thread;
            },
            clock::get);

    @AfterEach
    void stop() {
        release.countDown();
        threads.shutdown();
    }

    /** Tasks that block until the end of the test. */
    private void hold(int tasks) throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(tasks);
        for (int i = 0; i < tasks; i++) {
            threads.execute(() -> {
                entered.countDown();
                uninterruptibly(release);
            });
        }
        assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    @Test
    void threads_heldForLong_areMadeUpFor() throws InterruptedException {
        hold(CallbackThreads.THREADS);
        CountDownLatch others = new CountDownLatch(2);
        threads.execute(others::countDown);
        threads.makeUpForHeld();
        assertThat(threads.getQueue()).as("held for no time yet").hasSize(1);
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
        threads.makeUpForHeld();
        threads.execute(others::countDown);
        assertThat(others.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(threads.getCorePoolSize()).isEqualTo(2 * CallbackThreads.THREADS);
    }

    @Test
    void threads_notHeldAnyMore_areNotKept() throws InterruptedException {
        hold(CallbackThreads.THREADS);
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
        threads.makeUpForHeld();
        release.countDown();
        while (threads.getActiveCount() > 0) {
            Thread.onSpinWait();
        }
        threads.makeUpForHeld();
        assertThat(threads.getCorePoolSize()).isEqualTo(CallbackThreads.THREADS);
    }
}
