package io.registrycenter.watch;

/** Told how long things take. Called on event loops; must neither block nor allocate. */
public interface WatchTimings {

    /** Nobody wants to know. */
    WatchTimings NONE = new WatchTimings() {
        @Override
        public void propagated(long nanos) {}

        @Override
        public void heartbeatAnswered(long nanos) {}
    };

    /**
     * A lane has served the watchers of one scope: from the oldest commit that woke it, as published on this server, until all
     * of them that take data had it written. One sample for any number of watchers.
     */
    void propagated(long nanos);

    /** From writing a heartbeat to its acknowledgement. */
    void heartbeatAnswered(long nanos);
}
