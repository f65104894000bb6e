package io.registrycenter.drain;

import java.time.Duration;

/**
 * When which connection moves. Immutable.
 *
 * <p>A client is asked to reconnect a {@link #lead} before its slot, so that its new stream is live when the old one ends.
 * The slots are spread over the first three quarters of the timeout, or less: nobody waits for the sake of waiting, so as many
 * connections move in a second as a small server takes without noticing.
 */
final class Pace {

    /** A connection each 10 ms: a server takes thousands of resumes a second. */
    private static final long STEP_NANOS = Duration.ofMillis(10).toNanos();

    private static final long LONGEST_LEAD_NANOS = Duration.ofSeconds(2).toNanos();

    private final long timeoutNanos;
    private final long leadNanos;
    private final long stepNanos;

    /** @param connections that carry streams */
    Pace(Duration timeout, int connections) {
        timeoutNanos = timeout.toNanos();
        leadNanos = Math.min(LONGEST_LEAD_NANOS, timeoutNanos / 10);
        long spread = timeoutNanos / 4 * 3 - leadNanos;
        stepNanos = Math.min(STEP_NANOS, spread / Math.max(1, connections));
    }

    /** When a client reconnects, counted from the begin of the drain. */
    Duration reconnectAfter(int connection) {
        return Duration.ofNanos(stepNanos * connection);
    }

    /** When its connection is sent away, likewise. */
    long slotNanos(int connection) {
        return leadNanos + stepNanos * connection;
    }

    /** Between the two. */
    Duration lead() {
        return Duration.ofNanos(leadNanos);
    }

    /** When what is still open is forced, likewise. */
    long deadlineNanos() {
        return timeoutNanos;
    }
}
