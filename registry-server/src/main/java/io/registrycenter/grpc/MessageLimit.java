package io.registrycenter.grpc;

import com.google.rpc.Status;

/**
 * No message of a client is longer: says so to the client of a watch or attach stream that sent one.
 *
 * <p>gRPC refuses it before any code of ours sees it, and since the stream's headers are out, all it does is to reset the
 * stream. So the end is written here, in the moment in which the transport reports the stream closed and just before the reset.
 * How long the message was is told to nobody but in a text of the transport, which is evidence for operators; its client knows.
 * Where older answers still wait for the client, the reset overtakes the end: that client reads {@code CANCELLED}.
 *
 * <p>Immutable; on the connection's event loop.
 */
final class MessageLimit {

    private static final String NAME = "message-bytes";

    private final int allowed;
    private final TransportCounts counts;

    MessageLimit(int allowed, TransportCounts counts) {
        this.allowed = allowed;
        this.counts = counts;
    }

    /**
     * Ends a stream that the transport gives up because of the limit.
     *
     * @return what its client is told; empty: the stream is no longer open
     */
    String refuse(GrpcConnection connection, int streamId) {
        Status end = WireErrors.tooLong(NAME, allowed);
        if (!connection.http2().end(streamId, end)) {
            return "";
        }
        counts.limitHit(NAME);
        return end.getMessage();
    }
}
