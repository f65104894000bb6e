package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.registrycenter.catalog.CloseCause;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Learns from the GOAWAY of either end why a connection will close: this end says what it does not like, the other that it is
 * done. Confined to the connection's event loop.
 */
final class GoAwayListener extends Http2ConnectionAdapter {

    /** Fixed by the gRPC keepalive specification, for clients to recognise. */
    private static final byte[] TOO_MANY_PINGS = "too_many_pings".getBytes(StandardCharsets.US_ASCII);

    private final CloseEvidence evidence;
    private final Runnable tooManyPings;
    private final Runnable closing;

    /**
     * @param tooManyPings run before the GOAWAY for pings that come too fast is written: most clients show their calls nothing
     *     of a GOAWAY, so the calls are told by their own status first
     * @param closing run when this end says goodbye for a fault of the other end
     */
    GoAwayListener(CloseEvidence evidence, Runnable tooManyPings, Runnable closing) {
        this.evidence = evidence;
        this.tooManyPings = tooManyPings;
        this.closing = closing;
    }

    @Override
    public void onGoAwaySent(int lastStreamId, long errorCode, ByteBuf debugData) {
        if (errorCode == Http2Error.NO_ERROR.code()) {
            return;
        }
        if (errorCode == Http2Error.ENHANCE_YOUR_CALM.code()
                && Arrays.equals(ByteBufUtil.getBytes(debugData), TOO_MANY_PINGS)) {
            evidence.decided(CloseCause.TOO_MANY_PINGS);
            tooManyPings.run();
        }
        closing.run();
    }

    @Override
    public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
        if (errorCode == Http2Error.NO_ERROR.code()) {
            evidence.saidGoodbye();
        }
    }
}
