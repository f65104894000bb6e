package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.registrycenter.grpc.CloseEvidence.Opening;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * First in the pipeline of every accepted connection: notes what happens to the socket and passes everything on untouched.
 *
 * <p>Confined to the connection's event loop.
 */
final class ConnectionObserver extends ChannelDuplexHandler {

    /** How HTTP/2 begins, and a TLS handshake record. */
    private static final byte[] HTTP2_START = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] TLS_START = {0x16};

    private final byte[] expectedStart;
    private final LongSupplier nanoTime;
    private final GrpcConnection connection;
    private final BooleanSupplier leaving;
    private final Consumer<GrpcConnection> gone;
    private @Nullable ChannelPromise lastWrite;

    /** Bytes of the expected start that have come. */
    private int started;

    /**
     * @param tls whether the port speaks TLS
     * @param leaving whether this server is leaving; any thread
     * @param gone told once, when the connection is over
     */
    ConnectionObserver(
            boolean tls,
            LongSupplier nanoTime,
            GrpcConnection connection,
            BooleanSupplier leaving,
            Consumer<GrpcConnection> gone) {
        this.expectedStart = tls ? TLS_START : HTTP2_START;
        this.nanoTime = nanoTime;
        this.connection = connection;
        this.leaving = leaving;
        this.gone = gone;
    }

    private CloseEvidence evidence() {
        return connection.evidence();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        connection.keepalive().start();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        evidence().read(nanoTime.getAsLong());
        if (started < expectedStart.length
                && evidence().opening() != Opening.FOREIGN
                && message instanceof ByteBuf bytes) {
            compareStart(bytes);
        }
        ctx.fireChannelRead(message);
    }

    private void compareStart(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), expectedStart.length - started);
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != expectedStart[started++]) {
                evidence().opened(Opening.FOREIGN);
                return;
            }
            evidence().opened(Opening.EXPECTED);
        }
    }

    /** A failed write closes the channel without a word in the pipeline; its promise alone knows the reason. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!promise.isVoid()) {
            lastWrite = promise;
        }
        var unused = ctx.write(message, promise);
    }

    /** A write that went well tells nothing more, and is not held on to while the connection idles. */
    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
        if (lastWrite != null && lastWrite.isSuccess()) {
            lastWrite = null;
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        // A write that failed has closed the channel already: who closes now only tidies up after it.
        if (ctx.channel().isOpen()) {
            evidence().closingHere(leaving.getAsBoolean());
        }
        var unused = ctx.close(promise);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        evidence().failed(cause);
        ctx.fireExceptionCaught(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (lastWrite != null && lastWrite.cause() != null) {
            evidence().failed(lastWrite.cause());
        }
        connection.keepalive().stop();
        evidence().over();
        gone.accept(connection);
        ctx.fireChannelInactive();
    }
}
