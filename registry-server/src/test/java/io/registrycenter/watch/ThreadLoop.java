package io.registrycenter.watch;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A thread of its own. */
record ThreadLoop(ScheduledExecutorService thread) implements EventLoop {

    ThreadLoop() {
        this(Executors.newSingleThreadScheduledExecutor());
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(task);
    }

    @Override
    public void executeLater(Runnable task, long delayNanos) {
        var unused = thread.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    void shutdown() {
        thread.shutdownNow();
    }
}
