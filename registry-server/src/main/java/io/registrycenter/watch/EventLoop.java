package io.registrycenter.watch;

import java.util.concurrent.Executor;

/** The thread that serves some connections: runs what it is given one after the other. Equal when it is the same thread. */
public interface EventLoop extends Executor {

    /**
     * Runs something after a while, unless it was shut down by then.
     *
     * @param delayNanos from now, positive
     * @throws java.util.concurrent.RejectedExecutionException when it is shut down
     */
    void executeLater(Runnable task, long delayNanos);
}
