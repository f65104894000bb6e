package io.registrycenter.client.internal.link;

import io.grpc.Context;
import io.grpc.SynchronizationContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one serial executor that all state of a client is confined to.
 *
 * <p>A task runs on the thread that brings it, or on the one that is already at work here; never two at a time. Nothing
 * here may block. {@link #check} throws when state is touched from elsewhere.
 */
public final class Serial {

    private static final Logger log = LoggerFactory.getLogger(Serial.class);

    private final SynchronizationContext context = new SynchronizationContext((thread, fault) -> tell(fault));
    private final Timing timing;
    private volatile @Nullable Thread atWork;

    public Serial(Timing timing) {
        this.timing = timing;
    }

    /**
     * Runs the task here, outside the gRPC context of the thread that brings it: what that cancels, or gives a deadline, are calls
     * of its own, not the client's.
     */
    public void execute(Runnable task) {
        context.execute(() -> Context.ROOT.run(() -> {
            atWork = Thread.currentThread();
            try {
                task.run();
            } finally {
                atWork = null;
            }
        }));
    }

    /** Whether the caller is inside, where it must not wait for what happens here. Any thread. */
    public boolean isInside() {
        return Thread.currentThread().equals(atWork);
    }

    /** Must not throw: nothing would run here any more. */
    private static void tell(Throwable fault) {
        try {
            log.error("A fault of the registry client", fault);
        } catch (Throwable ofTheLog) {
            fault.addSuppressed(ofTheLog);
            fault.printStackTrace();
        }
    }

    /** Throws when the caller is not inside. */
    public void check() {
        context.throwIfNotInThisSynchronizationContext();
    }

    public long nanoTime() {
        return timing.nanoTime();
    }

    /** Runs the task here, later. Call it and cancel it from inside: what is cancelled then never runs. */
    public Timer schedule(Duration delay, Runnable task) {
        check();
        return new Timer(delay.toNanos(), task);
    }

    /** One task that waits for its time. Confined to its serial executor. */
    public final class Timer {
        private final Timing.Cancellable scheduled;
        private boolean done;

        private Timer(long delayNanos, Runnable task) {
            scheduled = timing.schedule(
                    delayNanos,
                    () -> execute(() -> {
                        if (!done) {
                            done = true;
                            task.run();
                        }
                    }));
        }

        public void cancel() {
            check();
            done = true;
            scheduled.cancel();
        }
    }
}
