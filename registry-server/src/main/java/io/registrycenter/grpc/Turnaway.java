package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.socket.DuplexChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds a connection there is no room for just long enough for a GOAWAY that says so.
 *
 * <pre>
 * HELD --GOAWAY written--> LINGERING --the other end closes, or a second--> gone
 *   `-----------------still in a TLS handshake after two seconds------------^
 * </pre>
 *
 * <p>Who begins HTTP/2 is told at once, who stays silent after two seconds. Before it begins a gRPC client has no call on the
 * connection that could fail: it would only connect again.
 *
 * <p>A socket closed with unread bytes sends a reset, which overtakes what was written before it: so this end says that it is
 * done, drops what still comes, and leaves the closing to the other end. Confined to the connection's event loop.
 */
final class Turnaway extends ChannelDuplexHandler {

    private static final long HELD_MS = 2_000;
    private static final long LINGER_MS = 1_000;

    /** How far the farewell is. */
    private enum State {
        HELD,
        LINGERING
    }

    private State state = State.HELD;

    private final String why;

    /** @param why what the other end is told, in ASCII */
    Turnaway(String why) {
        this.why = why;
    }

    /** Tells the other end; false when HTTP/2 is not in place yet. */
    boolean say(Channel channel) {
        Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        @Nullable
        ChannelHandlerContext ctx = http2 == null ? null : channel.pipeline().context(http2);
        if (http2 == null || ctx == null) {
            return false;
        }
        ByteBuf debug = ByteBufUtil.writeAscii(channel.alloc(), why);
        // No stream was or will be served. Having written this the handler closes, which is where the lingering begins.
        var unused = http2.goAway(ctx, 0, Http2Error.ENHANCE_YOUR_CALM.code(), debug, ctx.newPromise());
        ctx.flush();
        return true;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        later(ctx, HELD_MS, () -> {
            if (state == State.HELD && !say(ctx.channel())) {
                closeNow(ctx, ctx.newPromise());
            }
        });
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (state) {
            case HELD -> ctx.fireChannelRead(message);
            case LINGERING -> ReferenceCountUtil.release(message);
        }
    }

    /** After the goodbye a write would fail, and that would close the connection at once. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (state) {
            case HELD -> {
                var unused = ctx.write(message, promise);
            }
            case LINGERING -> {
                ReferenceCountUtil.release(message);
                var unused = promise.trySuccess();
            }
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (state == State.HELD && ctx.channel() instanceof DuplexChannel socket && socket.isActive()) {
            state = State.LINGERING;
            var unused = socket.shutdownOutput();
            later(ctx, LINGER_MS, () -> closeNow(ctx, promise));
        } else {
            var unused = ctx.close(promise);
        }
    }

    private static void later(ChannelHandlerContext ctx, long millis, Runnable what) {
        var waiting = ctx.executor().schedule(what, millis, TimeUnit.MILLISECONDS);
        var unused = ctx.channel().closeFuture().addListener(closed -> waiting.cancel(false));
    }

    private static void closeNow(ChannelHandlerContext ctx, ChannelPromise promise) {
        var unused = ctx.close(promise);
    }
}
