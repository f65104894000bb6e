package io.registrycenter.grpc;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what the transport reported when a watch or attach stream closed: the call itself is told nothing but
 * "cancelled", and later. It is also the way to reset a stream that cannot end.
 *
 * <p>Everything happens on the connection's event loop: there the transport reports, and there the call is served. The call
 * finds it through its connection, as {@link GrpcConnection#newest}.
 */
final class StreamStatus extends ServerStreamTracer {

    /** Of every gRPC message: whether it is compressed, and its length. */
    private static final int MESSAGE_PREFIX_BYTES = 5;

    private static final Status RESET_HERE =
            Status.ABORTED.withDescription("the end of the stream did not get through, it was reset");

    private final GrpcConnections connections;
    private final MessageLimit messages;

    /** Which counts it as its stream; null: none does. */
    private @Nullable GrpcConnection connection;

    private int streamId;
    private @Nullable Status closed;
    private String said = "";
    private int bytesSinceMark;

    private StreamStatus(GrpcConnections connections, MessageLimit messages) {
        this.connections = connections;
        this.messages = messages;
    }

    /** The call is known, and starts when this returns. */
    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
        GrpcConnection from = connections.find(call.getAttributes());
        if (from != null) {
            from.starting(this);
        }
    }

    /** The call is let in: from now on until it closes it is one of the streams of its connection. While it is started; once. */
    void begin(GrpcConnection on) {
        connection = on;
        streamId = on.http2().newestStreamId();
        on.streamOpened();
        if (closed != null) {
            on.streamClosed();
        }
    }

    /** On which it has begun. */
    GrpcConnection connection() {
        if (connection == null) {
            throw new IllegalStateException("a stream that has not begun");
        }
        return connection;
    }

    /** Resets the stream, past everything that is queued on it, also after the call was closed. A second call does nothing. */
    void reset() {
        if (closed == null) {
            connection().http2().reset(streamId, () -> closed = RESET_HERE);
        }
    }

    /** The message written last is what {@link #bytesSinceMark} counts from. */
    void mark() {
        bytesSinceMark = 0;
    }

    /** Bytes of messages handed to the transport since the mark, their prefixes with them; at most {@code 2^30}. */
    int bytesSinceMark() {
        return bytesSinceMark;
    }

    @Override
    public void outboundWireSize(long bytes) {
        bytesSinceMark = (int) Math.min(bytesSinceMark + bytes + MESSAGE_PREFIX_BYTES, 1 << 30);
    }

    @Override
    public void streamClosed(Status status) {
        if (closed == null) {
            closed = status;
            if (connection != null && overMessageLimit(status, connection)) {
                said = messages.refuse(connection, streamId);
            }
        }
        if (connection != null) {
            connection.streamClosed();
        }
    }

    /** As for an end that this server wrote itself, but then nothing is open any more that could be ended. */
    private static boolean overMessageLimit(Status status, GrpcConnection on) {
        return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && on.evidence().decision() == null;
    }

    /** Number of the HTTP/2 stream. */
    int streamId() {
        return streamId;
    }

    /** The client was told this about the end, past the call. */
    void told(String text) {
        said = text;
    }

    /** What the client was told here, past the call; empty: nothing. */
    String said() {
        return said;
    }

    /** Null while the stream is open. */
    @Nullable
    Status closed() {
        return closed;
    }

    /** Makes one for each watch and attach call. */
    static final class Factory extends ServerStreamTracer.Factory {

        private static final ServerStreamTracer NONE = new ServerStreamTracer() {};

        private final GrpcConnections connections;
        private final MessageLimit messages;

        Factory(GrpcConnections connections, MessageLimit messages) {
            this.connections = connections;
            this.messages = messages;
        }

        @Override
        public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
            return StreamLimits.STREAMS.contains(fullMethodName) ? new StreamStatus(connections, messages) : NONE;
        }
    }
}
