package io.registrycenter.load.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits of the driving thread; each has a deadline and says what it waited for. */
public final class Waits {
    /** Long enough for any step on a busy machine, short enough that a hung run ends. */
    private static final long DEADLINE_SECONDS = 120;

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private Waits() {}

    /**
     * The future's value.
     *
     * @throws IllegalStateException when it failed, or did not complete within the deadline
     */
    public static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("no answer within " + DEADLINE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Waits for the end of something that returns nothing; fails as {@link #get} does. */
    public static void done(CompletableFuture<Void> future) {
        get(future.thenApply(nothing -> Boolean.TRUE));
    }

    /** Polls until the condition holds; `detail` explains a timeout. */
    public static void until(String what, BooleanSupplier condition, Supplier<String> detail) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(
                        "not within " + DEADLINE_SECONDS + " s: " + what + "; first fault: " + detail.get());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Lets the load run for a while. */
    public static void run(double seconds) {
        try {
            TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
