package io.registrycenter.client.internal.callback;

import io.registrycenter.client.WatchListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the user's code on the user's executor, and keeps what it throws away from us. Any thread. */
public final class Callbacks {

    private static final Logger log = LoggerFactory.getLogger(Callbacks.class);

    private final Executor executor;

    public Callbacks(Executor executor) {
        this.executor = executor;
    }

    /** Whether the executor took it; one that refuses loses the callback, and the log says so. */
    boolean run(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException refused) {
            log.debug("The callback executor takes no more work; a callback was dropped");
            return false;
        }
    }

    /** Completes a stage on the user's executor, because what the user chained to it runs there and then. */
    public <T> void complete(CompletableFuture<T> stage, T value) {
        if (!run(() -> stage.complete(value))) {
            stage.complete(value);
        }
    }

    /** As {@link #complete}, exceptionally. */
    public void fail(CompletableFuture<?> stage, Throwable reason) {
        if (!run(() -> stage.completeExceptionally(reason))) {
            stage.completeExceptionally(reason);
        }
    }

    /** Calls the user; what it throws is logged with the name of what was called, and ends there. */
    static void guarded(String what, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error thrown) {
            log.warn("{} threw; the client goes on", what, thrown);
        }
    }

    /** A queue of calls to one listener, of which it may lose the oldest. */
    public LossyMailbox mailbox(String what) {
        return new LossyMailbox(this, what);
    }

    /** A queue of steps to one watch listener; null listens to nothing. */
    public ViewMailbox mailbox(@Nullable WatchListener listener) {
        return new ViewMailbox(this, listener);
    }
}
