package io.registrycenter.watch;

/** How a stream keeps up. */
public enum StreamCondition {
    /** Everything is written. */
    LIVE,
    /** Something waits to be written. */
    LAGGING,
    /** Something waits, and the transport takes none of it. */
    STALLED
}
