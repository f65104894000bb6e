package io.registrycenter;

import java.util.function.LongConsumer;

/** Runs a simulation once for each seed. A failure names its seed; {@code -Dsimulation.seed=N} runs that one alone. */
public final class Seeds {

    private Seeds() {}

    /** From 1 to as many as {@link Proof#times} says. */
    public static void each(int small, int full, LongConsumer simulation) {
        Long only = Long.getLong("simulation.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? Proof.times(small, full) : only;
        for (long seed = first; seed <= last; seed++) {
            try {
                simulation.accept(seed);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("schedule with seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }
}
