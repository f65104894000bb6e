package io.registrycenter.client.internal.link;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: exponential, 0.5 s to 30 s, with full jitter (anything between zero and the
 * step), so that clients cut together do not come back together.
 *
 * <p>Starts over only after something was live for 60 s: a link that breaks as soon as it is made gets no fresh start. The step
 * grows with a failure only up to the cap of that moment, and not where the server said how long to wait.
 * Confined to its owner's serial executor.
 */
public final class Backoff {

    public static final Duration FIRST = Duration.ofMillis(500);
    public static final Duration MAX = Duration.ofSeconds(30);
    /** No server means to send a client away for longer. */
    static final Duration MAX_HINT = Duration.ofMinutes(5);

    static final Duration HEALTHY_AFTER = Duration.ofSeconds(60);

    private static final double FACTOR = 2;
    private static final IntervalFunction STEPS = IntervalFunction.ofExponentialBackoff(FIRST, FACTOR, MAX);

    private final DoubleSupplier random;
    private int failures;
    private int steps;

    /**
     * A fresh start.
     *
     * @param random 0 (inclusive) to 1 (exclusive)
     */
    public Backoff(DoubleSupplier random) {
        this.random = random;
    }

    /** Counts a failure and says how long to wait; the step is cut to {@code cap} before the jitter. */
    public Duration next(Duration cap) {
        failures++;
        long stepMillis = STEPS.apply(steps + 1);
        if (stepMillis >= cap.toMillis()) {
            return jittered(cap.toMillis());
        }
        steps++;
        return jittered(stepMillis);
    }

    /**
     * Counts a failure that needs somebody to change something: waits for the last step, cut to {@code cap}, or for a part of it
     * that is no less than half. Nobody mends anything in no time, so this one does not go down to zero.
     */
    public Duration longest(Duration cap) {
        failures++;
        long half = Math.min(MAX.toMillis(), cap.toMillis()) / 2;
        return Duration.ofMillis(half).plus(jittered(half));
    }

    /** Counts a failure for which the server said how long to wait; believed up to {@link #MAX_HINT}. */
    public Duration hinted(Duration hint) {
        failures++;
        return hint.compareTo(MAX_HINT) < 0 ? hint : MAX_HINT;
    }

    /** The first step, also after many failures; counts nothing. */
    Duration soon() {
        return jittered(FIRST.toMillis());
    }

    /** Something ended that had been live for so long. */
    public void wasLiveFor(Duration live) {
        if (live.compareTo(HEALTHY_AFTER) >= 0) {
            reset();
        }
    }

    /** A fresh start: what was tried has worked. */
    public void reset() {
        failures = 0;
        steps = 0;
    }

    public int failures() {
        return failures;
    }

    private Duration jittered(long stepMillis) {
        return Duration.ofNanos((long) (random.getAsDouble() * stepMillis * 1_000_000));
    }
}
