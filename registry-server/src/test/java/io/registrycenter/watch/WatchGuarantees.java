package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * The guarantees of watching, one property each, on generated histories with cuts, restarts, compactions and slow phases.
 * Every engine, and a live server, runs them. A failure names the guarantee and the seed of the history.
 */
abstract class WatchGuarantees {

    /** Generated values for each property; each stands for {@link #histories} histories. */
    private static final int TRIES = 2;

    /** Runs the history of a seed to its end. */
    abstract void run(long seed, Ledger ledger);

    /** How many histories a generated value stands for, by the size of the proof. */
    abstract int histories();

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void ordered(@ForAll long seed) {
        holds(Guarantee.ORDERED, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void unique(@ForAll long seed) {
        holds(Guarantee.UNIQUE, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void atomic(@ForAll long seed) {
        holds(Guarantee.ATOMIC, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void reliable(@ForAll long seed) {
        holds(Guarantee.RELIABLE, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void resumable(@ForAll long seed) {
        holds(Guarantee.RESUMABLE, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void bookmarkable(@ForAll long seed) {
        holds(Guarantee.BOOKMARKABLE, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void convergent(@ForAll long seed) {
        holds(Guarantee.CONVERGENT, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void filtered(@ForAll long seed) {
        holds(Guarantee.FILTERED, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void no_time_travel(@ForAll long seed) {
        holds(Guarantee.NO_TIME_TRAVEL, seed);
    }

    @Property(tries = TRIES, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void no_leak(@ForAll long seed) {
        holds(Guarantee.NO_LEAK, seed);
    }

    private void holds(Guarantee guarantee, long seed) {
        long checks = 0;
        for (int i = 0; i < histories(); i++) {
            long own = seed + i * 1_000_003L;
            Ledger ledger = new Ledger();
            run(own, ledger);
            ledger.verify(guarantee, own);
            checks += ledger.checks(guarantee);
        }
        checked(guarantee, checks);
    }

    /** A property that nothing was checked for proves nothing. */
    void checked(Guarantee guarantee, long checks) {
        assertThat(checks).as("%s was checked", guarantee).isPositive();
    }
}
