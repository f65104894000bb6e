package io.registrycenter.e2e.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other processes do, which tell nobody. */
final class Await {

    private static final long AGAIN_MS = 50;

    private Await() {}

    /** The value when there is one; fails after the time. */
    static <T> T value(String what, Duration within, Supplier<Optional<T>> ask) {
        long deadline = System.nanoTime() + within.toNanos();
        while (true) {
            Optional<T> value = ask.get();
            if (value.isPresent()) {
                return value.get();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + within + ": " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MS));
        }
    }

    static void until(String what, Duration within, BooleanSupplier holds) {
        value(what, within, () -> holds.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /** Lets a fault last: only time can tell what it does. */
    static void lasting(Duration fault) {
        long deadline = System.nanoTime() + fault.toNanos();
        for (long left = fault.toNanos(); left > 0; left = deadline - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
