package io.registrycenter.grpc;

import io.registrycenter.watch.EventLoop;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** An event loop of the transport. */
record NettyLoop(ScheduledExecutorService loop) implements EventLoop {

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public void executeLater(Runnable task, long delayNanos) {
        var unused = loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }
}
