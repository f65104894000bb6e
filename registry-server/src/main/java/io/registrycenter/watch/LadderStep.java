package io.registrycenter.watch;

/** How a subscription is being brought up: the slow-client ladder, mildest first. */
public enum LadderStep {
    /** Every commit as it was. */
    EXACT,
    /** Net changes: it is too far behind for each. */
    COALESCED,
    /** A complete state: it has none yet, or the history went on without it. */
    SNAPSHOT
}
