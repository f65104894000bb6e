package io.registrycenter.client.internal.link;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.internal.wire.StreamEnd;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One stream, as a {@link Conversation} sees it. Confined to the serial executor; without effect once it has ended. */
public interface Stream<Q> {

    String target();

    void send(Q frame);

    /** The last frame was sent; the server is to end the stream. */
    void halfClose();

    /** The server said who it is. */
    void named(String node, String streamId);

    /** Without a frame for this long the stream is taken for dead. */
    void readTimeout(Duration timeout);

    /** Everything is caught up. */
    void live(boolean resumed, @Nullable Cursor cursor);

    /** The server asks to go: a new stream is made after the time, and this one stays until that one is live. */
    void drain(CloseCause cause, Duration reconnectAfter);

    /** Ends it from this side. */
    void end(StreamEnd end);
}
