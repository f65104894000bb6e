package io.registrycenter.drain;

import java.time.Duration;

/**
 * When which connection moves. Immutable.
 *
 * <p>A client is asked to reconnect a tenth of the timeout, at most two seconds, before its slot, so that its new stream is live
 * when the old one ends.
 * The slots are spread over the first three quarters of the timeout, or less: nobody waits for the sake of waiting, so as many
 * connections move in a second as a small server takes without noticing.
 */
final class Pace {

    /** A connection each 10 ms: a server takes thousands of resumes a second. */
    private static final long STEP_NANOS = Duration.ofMillis(10).toNanos();

    private static final long LONGEST_LEAD_NANOS = Duration.ofSeconds(2).toNanos();

    /** Clients with nowhere else to go come back to a drained server; so many of them in a second at most. */
    private static final int RETRIES_PER_SECOND = 1_000;

    private static final Duration SHORTEST_RETRY = Duration.ofSeconds(3);

    private final long leadNanos;
    private final long stepNanos;
    private final Duration retryWithin;

    /** @param connections that carry streams */
    Pace(Duration timeout, int connections) {
        long timeoutNanos = timeout.toNanos();
        leadNanos = Math.min(LONGEST_LEAD_NANOS, timeoutNanos / 10);
        long spread = timeoutNanos / 4 * 3 - leadNanos;
        stepNanos = Math.min(STEP_NANOS, spread / Math.max(1, connections));
        Duration all = Duration.ofMillis(connections * 1_000L / RETRIES_PER_SECOND);
        retryWithin = all.compareTo(SHORTEST_RETRY) < 0 ? SHORTEST_RETRY : all;
    }

    /** When a client reconnects, counted from the begin of the drain. */
    Duration reconnectAfter(int connection) {
        return Duration.ofNanos(stepNanos * connection);
    }

    /** When its connection is sent away, likewise. */
    long slotNanos(int connection) {
        return leadNanos + stepNanos * connection;
    }

    /** Within which a client that was refused comes back. */
    Duration retryWithin() {
        return retryWithin;
    }
}
