package io.registrycenter.drain;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;
import java.util.List;

/** What a drain moves. Implemented in {@code grpc}; any thread, and nothing blocks. */
public interface Connections {

    /** What becomes of a watch or attach stream that starts. Other calls are served behind every gate. */
    enum Gate {
        OPEN,
        /** Refused with {@code DRAINING} and a time to try again. */
        REFUSING,
        /** Refused, and a connection that carries no other stream is sent away, so that the next try can go elsewhere. */
        SENDING_AWAY
    }

    /**
     * Sets the gate; a stream that has passed it before this returns is on one of the connections that {@link #open} lists.
     *
     * @param retryWithin who is refused is told to come back within this time, at random
     */
    void gate(Gate gate, Duration retryWithin);

    /** The connections that calls can be made on now. */
    List<? extends Connection> open();

    /** Connections sent away since the start. */
    long sentAway();

    /** One of them. Calls take effect in the order they are made, a moment later. */
    interface Connection {

        /** How the other end is named to operators. */
        String peer();

        /** Watch and attach streams that are open on it. */
        int streams();

        /** Asks the client of each stream to move; the streams go on. */
        void ask(CloseCause cause, Duration deadline, Duration reconnectAfter);

        /**
         * Says with a GOAWAY that no new call is served here, once; its streams end with {@code DRAINING} as soon as what waits
         * for them is written.
         */
        void sendAway(String message, Duration retryAfter);

        /** Streams that are still open end with {@code DRAIN_FORCED}, by a reset where the end does not get through. */
        void force(String message, Duration retryAfter);
    }
}
