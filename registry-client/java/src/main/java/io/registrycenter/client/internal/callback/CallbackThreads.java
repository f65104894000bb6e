package io.registrycenter.client.internal.callback;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for code that may hold them: {@value #THREADS}, and one more for each that has been in the same task for longer than
 * 100 ms, up to {@value #MAX_THREADS}.
 *
 * <p>So a task that blocks holds up no other one. What waits is bounded by the user: one turn for each listener, and one for each
 * stage that was asked for. Threads that are idle for ten seconds end. Any thread.
 */
public final class CallbackThreads extends ThreadPoolExecutor {

    static final int THREADS = 16;
    static final int MAX_THREADS = 1024;

    private static final Logger log = LoggerFactory.getLogger(CallbackThreads.class);
    private static final long IDLE_SECONDS = 10;
    private static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LongSupplier nanoTime;
    private final Map<Thread, Long> busySince = new ConcurrentHashMap<>();
    private boolean full;

    /** @param nanoTime a monotonic clock */
    public CallbackThreads(ThreadFactory threads, LongSupplier nanoTime) {
        super(THREADS, MAX_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        this.nanoTime = nanoTime;
        allowCoreThreadTimeOut(true);
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
        busySince.put(thread, nanoTime.getAsLong());
    }

    @Override
    protected void afterExecute(Runnable task, Throwable thrown) {
        busySince.remove(Thread.currentThread());
    }

    /** Lets one more thread be made for each that is held now. One caller at a time. */
    void makeUpForHeld() {
        long now = nanoTime.getAsLong();
        int held = 0;
        for (long since : busySince.values()) {
            if (now - since >= HELD_NANOS) {
                held++;
            }
        }
        int wanted = Math.min(MAX_THREADS, THREADS + held);
        if (wanted != getCorePoolSize()) {
            setCorePoolSize(wanted);
        }
        boolean noneLeft = held >= MAX_THREADS;
        if (noneLeft && !full) {
            log.warn("The user's code holds {} threads of this client: further callbacks wait", MAX_THREADS);
        }
        full = noneLeft;
    }
}
