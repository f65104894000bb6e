package io.registrycenter.client;

/** Why a complete state came instead of changes. */
public enum SnapshotReason {
    /** First answer, or a new start after a gap. */
    INITIAL,
    /** The cursor is older than the server's history. */
    COMPACTED,
    /** The watcher was so far behind that a snapshot is cheaper. */
    LAGGED,
    /**
     * The last view of a former process, from this client's own disk: told once, first, and stale until the registry has
     * answered.
     */
    CACHED,
    /**
     * The registry has another history, which may have the same epoch where an older copy of its data was put back: what is
     * missing is kept for the reset hold.
     */
    EPOCH_CHANGED,
    /** The registry has lost revisions this client has seen: what is missing is kept for the reset hold. */
    REVISION_AHEAD
}
