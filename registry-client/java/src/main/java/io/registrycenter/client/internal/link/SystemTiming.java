package io.registrycenter.client.internal.link;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The machine's clock and one daemon thread. */
public final class SystemTiming implements Timing, AutoCloseable {

    private final ScheduledThreadPoolExecutor scheduler;

    public SystemTiming(ThreadFactory threads) {
        scheduler = new ScheduledThreadPoolExecutor(1, threads);
        scheduler.setRemoveOnCancelPolicy(true);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Cancellable schedule(long delayNanos, Runnable task) {
        try {
            Future<?> future = scheduler.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException closed) {
            // Closing: nothing that would be done later matters any more.
            return () -> {};
        }
    }

    /** Drops what waits; the thread ends. */
    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
