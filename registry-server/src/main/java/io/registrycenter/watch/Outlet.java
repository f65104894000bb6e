package io.registrycenter.watch;

/**
 * The way out to one client. Implemented in {@code grpc}.
 *
 * <p>Everything about one stream happens on {@link #loop()}, one thing at a time; the streams of one connection share
 * it, so one wake-up serves many of them.
 */
public interface Outlet {

    /** The thread that serves this connection. */
    EventLoop loop();

    /** How the other end is named to operators, {@code address:port}. Any thread. */
    String peer();

    /** Whether the transport takes another message now. When it turns true again, {@link WatchStream#ready} is called. */
    boolean ready();

    /**
     * Whether the newest heartbeat of the stream, and so all that was written before it, has left this server. False while the
     * client's flow control or its closed TCP window holds any of it back; true when no heartbeat was written.
     */
    boolean heartbeatLeft();

    /**
     * Whether what this stream waits for is held by a neighbour on its connection that takes nothing, and that will be ended
     * for it: by no fault of this stream's client the connection has no room left. Asked when something waits.
     */
    boolean starved();

    /** Hands one message to the transport. Called only while {@link #ready()}, but for the answer that ends a stream. */
    void write(Frame frame);

    /** Completes the stream with a status that says why; a second call does nothing. */
    void end(StreamEnd end);

    /** Resets this stream alone, when even its end does not get through. */
    void reset();
}
