package io.registrycenter.client.internal.link;

import io.registrycenter.client.internal.wire.StreamEnd;

/** What is spoken on one stream. Called on the serial executor; nothing after {@link #closed}. */
public interface Conversation<R> {

    void frame(R frame);

    /** Asks the server for a frame, where it owes none. */
    void prove();

    /**
     * The stream is gone.
     *
     * @param lastFrameNanos when the server was heard last
     */
    void closed(StreamEnd end, long lastFrameNanos);
}
