package io.registrycenter.client.internal.link;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The waits of one call that closes something: each one bounded, and none left out because the thread is interrupted. An
 * interruption, also one from before the call, shortens what is left of each wait to {@link #HURRY}; it is put back when the call
 * is over. Confined to the thread that closes.
 */
public final class ClosingWait implements AutoCloseable {

    /** Long enough for an answer of a server that lives, short enough for a thread that is wanted elsewhere. */
    public static final Duration HURRY = Duration.ofSeconds(1);

    /** Something that ends by itself. */
    @FunctionalInterface
    public interface Step {
        /** Waits for at most so long, and returns whether it is over. May be called again after an interruption. */
        boolean await(long nanos) throws InterruptedException;
    }

    private boolean interrupted;

    /** Waits for at most so long; returns whether it is over. */
    public boolean until(Duration atMost, Step step) {
        long until = System.nanoTime() + atMost.toNanos();
        boolean hurries = false;
        while (true) {
            interrupted |= Thread.interrupted();
            long left = until - System.nanoTime();
            if (interrupted && !hurries) {
                hurries = true;
                left = Math.min(left, HURRY.toNanos());
                until = System.nanoTime() + left;
            }
            try {
                return step.await(Math.max(0, left));
            } catch (InterruptedException now) {
                interrupted = true;
            }
        }
    }

    /** Waits for at most so long; returns whether it is done. */
    public boolean until(Duration atMost, CompletableFuture<?> done) {
        return until(atMost, nanos -> {
            try {
                done.get(nanos, TimeUnit.NANOSECONDS);
                return true;
            } catch (TimeoutException late) {
                return false;
            } catch (ExecutionException impossible) {
                throw new IllegalStateException("what is closed ends, or does not", impossible);
            }
        });
    }

    @Override
    public void close() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
