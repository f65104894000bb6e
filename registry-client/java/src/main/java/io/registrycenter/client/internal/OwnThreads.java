package io.registrycenter.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Makes daemon threads and knows which still live, so that closing can wait until they are truly gone. Any thread.
 *
 * <p>The threads are neutral: whoever makes the client need one leaves nothing of his own with it. A thread has no inherited thread
 * locals, this library's class loader, the root group, normal priority, and the rights of this library alone.
 */
final class OwnThreads implements ThreadFactory {

    /** No group that ends, or that keeps the priority down. */
    private static final ThreadGroup ROOT = root();

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
        Thread thread = neutral(task, name + "-" + ++made);
        living.removeIf(other -> other.getState() == Thread.State.TERMINATED);
        living.add(thread);
        return thread;
    }

    /**
     * A thread keeps the access control context it is made in, and with it the class loaders of all callers, up to Java 23. The
     * priority is set so that it is not the caller's.
     */
    @SuppressWarnings({"removal", "ThreadPriorityCheck"})
    private static Thread neutral(Runnable task, String name) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(ROOT, task, name, 0, false);
            thread.setContextClassLoader(OwnThreads.class.getClassLoader());
            thread.setDaemon(true);
            thread.setPriority(Thread.NORM_PRIORITY);
            return thread;
        });
    }

    private static ThreadGroup root() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    /** Waits for each thread but the caller at most for the time; what made them has told them to end. */
    void join(long timeoutNanos) throws InterruptedException {
        List<Thread> threads;
        synchronized (this) {
            threads = List.copyOf(living);
        }
        for (Thread thread : threads) {
            if (thread.equals(Thread.currentThread())) {
                continue;
            }
            TimeUnit.NANOSECONDS.timedJoin(thread, timeoutNanos);
        }
    }
}
