package io.registrycenter.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what the transport reported when a stream closed: the call itself is told nothing but "cancelled", and later.
 * It is also the way to reset a stream that cannot end.
 *
 * <p>The transport reports on the connection's event loop, where the call is served too.
 */
final class StreamStatus extends ServerStreamTracer {

    /** Set for every call. */
    static final Context.Key<StreamStatus> KEY = Context.key("registrycenter-stream-status");

    /** Of every gRPC message: whether it is compressed, and its length. */
    private static final int MESSAGE_PREFIX_BYTES = 5;

    private volatile @Nullable Status closed;
    private @Nullable Runnable whenClosed;
    private volatile Context.@Nullable CancellableContext parent;

    /** Confined to the event loop. */
    private int bytesSinceMark;

    /** What the call makes current can never be cancelled by it, so this is a parent of that which can. */
    @Override
    public Context filterContext(Context context) {
        Context.CancellableContext own = context.withValue(KEY, this).withCancellation();
        parent = own;
        return own;
    }

    /**
     * Resets the stream, past everything that is queued on it, also after the call was closed: the transport does so when
     * the context has timed out. A second call does nothing.
     */
    void reset() {
        Context.CancellableContext own = parent;
        if (own != null) {
            own.cancel(new TimeoutException("the end of the stream did not get through"));
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
        closed = status;
        Runnable told = whenClosed;
        if (told != null) {
            told.run();
        }
    }

    /** Tells once that the stream has closed, however that comes about; for one listener, on the connection's event loop. */
    void whenClosed(Runnable listener) {
        whenClosed = listener;
        if (closed != null) {
            listener.run();
        }
    }

    /** Null while the stream is open. */
    @Nullable
    Status closed() {
        return closed;
    }

    /** Makes one for each call. */
    static final class Factory extends ServerStreamTracer.Factory {
        @Override
        public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
            return new StreamStatus();
        }
    }
}
