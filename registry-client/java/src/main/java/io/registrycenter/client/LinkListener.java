package io.registrycenter.client;

/**
 * Told about the client's streams: in order, one call at a time, on the client's callback executor.
 *
 * <p>Above a thousand watches (the servers' limit may be another) a client has several watch streams, each of which is told of.
 * For a slow listener the oldest events are dropped when more than 64 wait.
 */
public interface LinkListener {

    /** A stream is live. */
    void onConnected(Connected connected);

    /**
     * A stream that was live is lost. Every watch is stale from its last frame on; its view stays. Comes
     * only after {@link #onConnected}. A stream that is replaced by another one that is live is not lost.
     */
    void onDisconnected(DisconnectReport report);

    /**
     * An attempt to make a stream failed, of which there may be many in a row. Nothing is lost by it that was not lost
     * before; a stream that is to be replaced goes on meanwhile.
     */
    default void onAttemptFailed(DisconnectReport report) {
        // Most programs are content with the loss itself.
    }

    /**
     * The server knows better why a stream ended than what was seen of it here, and says so when the client is back: the
     * stream of an earlier report, with the server's cause and its words as the detail. It says {@code SLOW_CONSUMER}, for
     * example, when the connection of a client that had stopped reading broke before the status of the stream could be read.
     */
    default void onEndExplained(DisconnectReport report) {
        // Most programs are content with the loss itself.
    }
}
