package io.registrycenter.client.internal.callback;

import io.registrycenter.client.Interest;
import io.registrycenter.client.WatchListener;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the user's code: listeners are called on one executor, stages are completed on another, so that a listener may wait
 * for a stage. What user code throws, and what its executor does, is kept away from the client. Any thread.
 */
public final class Callbacks {

    private static final Logger log = LoggerFactory.getLogger(Callbacks.class);
    private static final String CHAINED = "What is chained to a stage of the client";

    private final Executor via;
    private final Executor listeners;
    private final Executor stages;
    private final List<CallbackThreads> own;
    private final Turns turns;
    private volatile boolean closed;

    /** Two executors that belong to somebody else. */
    public Callbacks(Executor listeners, Executor stages, Pulse pulse) {
        this(Runnable::run, listeners, stages, pulse, List.of());
    }

    private Callbacks(Executor via, Executor listeners, Executor stages, Pulse pulse, List<CallbackThreads> own) {
        this.via = via;
        this.listeners = listeners;
        this.stages = stages;
        this.own = own;
        this.turns = new Turns(pulse, own);
    }

    /**
     * With threads of the client, which end with it.
     *
     * @param users calls listeners; null: the client's threads do. It is handed its tasks on those, never by a thread that the
     *     client works with, since it may block, or run the listener there and then
     */
    public static Callbacks withThreads(
            CallbackThreads callbackThreads, CallbackThreads stageThreads, @Nullable Executor users, Pulse pulse) {
        return new Callbacks(
                users == null ? Runnable::run : callbackThreads,
                users == null ? callbackThreads : users,
                stageThreads,
                pulse,
                List.of(callbackThreads, stageThreads));
    }

    /** Completes a stage on a thread on which what the user chained to it may block. */
    public <T> void complete(CompletableFuture<T> stage, T value) {
        settle(() -> stage.complete(value));
    }

    /** As {@link #complete}, exceptionally. */
    public void fail(CompletableFuture<?> stage, Throwable reason) {
        settle(() -> stage.completeExceptionally(reason));
    }

    private void settle(Runnable completion) {
        BooleanSupplier once = () -> {
            completion.run();
            return false;
        };
        if (closed || !new Turn(turns, Runnable::run, stages, CHAINED, once).wake()) {
            completion.run();
        }
    }

    /** Calls the user; what it throws, of any type, is logged with the name of what was called, and ends there. */
    static void guarded(String what, Runnable call) {
        try {
            call.run();
        } catch (Throwable thrown) {
            log.warn("{} threw; the client goes on", what, thrown);
        }
    }

    /** A queue of calls to one listener, of which it may lose the oldest. */
    public LossyMailbox mailbox(String what) {
        return new LossyMailbox(this, what);
    }

    /** A queue of steps to one watch listener; null listens to nothing. */
    public ViewMailbox mailbox(@Nullable WatchListener listener, Interest interest) {
        return new ViewMailbox(this, listener, interest);
    }

    /** The turn of a listener. */
    Turn turn(String what, BooleanSupplier deliverOne) {
        return new Turn(turns, via, listeners, what, deliverOne);
    }

    /** The client's own threads end when they have called what was told until now; stages complete at once from now on. */
    public void close() {
        turns.handOverNow();
        closed = true;
        own.forEach(CallbackThreads::shutdown);
    }
}
