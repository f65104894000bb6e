package io.registrycenter.client;

/** Why a watch that had a view was given a complete state again. */
public enum ResyncReason {
    /** Changes did not chain: some were lost on the way. */
    GAP,
    /** The cursor was older than the server's history. */
    COMPACTED,
    /** The watcher was so far behind that a snapshot was cheaper. */
    LAGGED,
    /** The registry has another history. */
    EPOCH_CHANGED,
    /** The registry has lost revisions this client had seen. */
    REVISION_AHEAD
}
