package io.registrycenter.watch;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An event loop as its library knows it.
 *
 * @param executor of one thread
 */
public record ScheduledLoop(ScheduledExecutorService executor) implements EventLoop {

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    public void executeLater(Runnable task, long delayNanos) {
        var unused = executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }
}
