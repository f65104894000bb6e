package io.registrycenter.watch;

/** Why a subscription is told the complete state. */
public enum SnapshotReason {
    /** No cursor was given. */
    INITIAL,
    /** The cursor is older than the history. */
    COMPACTED,
    /** The watcher was so far behind that a snapshot is cheaper than its delta. */
    LAGGED,
    /** The cursor is of another history. */
    EPOCH_CHANGED,
    /** The store is proven to be behind the cursor. */
    REVISION_AHEAD
}
