package io.registrycenter.drain;

import org.jspecify.annotations.Nullable;

/**
 * How a drain stands, for operators. Immutable.
 *
 * @param requestedBy null while the server serves
 * @param streams watch and attach streams that are open
 * @param connections that are open
 * @param connectionsSentAway since the drain began
 * @param streamsForced that were still open at the deadline
 * @param remainingMillis until the deadline; 0 when the drain is over; null while the server serves
 * @param cancellable whether the server can still go back to serving
 */
public record DrainStatus(
        DrainState state,
        @Nullable Requester requestedBy,
        int streams,
        int connections,
        long connectionsSentAway,
        int streamsForced,
        @Nullable Long remainingMillis,
        boolean cancellable) {

    /** Who wants the server to leave. */
    public enum Requester {
        /** Stays up, drained, until the process is told to stop. */
        OPERATOR,
        /** The process stops when the drain is over; nobody can cancel that. */
        SHUTDOWN
    }
}
