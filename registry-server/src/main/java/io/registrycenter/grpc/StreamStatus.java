package io.registrycenter.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what the transport reported when a stream closed: the call itself is told nothing but "cancelled", and later.
 *
 * <p>The transport reports on the connection's event loop, where the call is served too.
 */
final class StreamStatus extends ServerStreamTracer {

    /** Set for every call. */
    static final Context.Key<StreamStatus> KEY = Context.key("registrycenter-stream-status");

    private volatile @Nullable Status closed;
    private @Nullable Runnable whenClosed;

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
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
