package io.registrycenter.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Makes daemon threads and knows which still live, so that closing can wait until they are truly gone. Any thread. */
final class OwnThreads implements ThreadFactory {

    private final String name;

    @GuardedBy("this")
    private final List<Thread> living = new ArrayList<>();

    @GuardedBy("this")
    private int made;

    OwnThreads(String name) {
        this.name = name;
    }

    @Override
    public synchronized Thread newThread(Runnable task) {
        Thread thread = new Thread(task, name + "-" + ++made);
        thread.setDaemon(true);
        living.removeIf(other -> other.getState() == Thread.State.TERMINATED);
        living.add(thread);
        return thread;
    }

    /** Waits for each thread at most for the time; what made them has told them to end. */
    void join(long timeoutNanos) throws InterruptedException {
        List<Thread> threads;
        synchronized (this) {
            threads = List.copyOf(living);
        }
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, timeoutNanos);
        }
    }
}
