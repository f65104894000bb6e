package io.registrycenter.client;

/**
 * Told about the client's streams: in order, one call at a time, on the client's callback executor.
 *
 * <p>For a slow listener the oldest events are dropped when more than 64 wait.
 */
public interface LinkListener {

    /** A stream is live. */
    void onConnected(Connected connected);

    /** A stream, or an attempt to make one, ended. Every watch is stale from its last frame on; its view stays. */
    void onDisconnected(DisconnectReport report);
}
