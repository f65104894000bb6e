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
 *   `-----------------five seconds, for instance in a TLS handshake---------^
 * </pre>
 *
 * <p>A socket closed with unread bytes sends a reset, which overtakes what was written before it: so this end says that it is
 * done, drops what still comes, and leaves the closing to the other end. Confined to the connection's event loop.
 */
final class Turnaway extends ChannelDuplexHandler {

    private static final long HELD_MS = 5_000;
    private static final long LINGER_MS = 1_000;

    /** How far the farewell is. */
    private enum State {
        HELD,
        LINGERING
    }

    private State state = State.HELD;

    /** Tells the other end; the connection's HTTP/2 handler is in place. */
    static void say(Channel channel, String why) {
        Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        @Nullable
        ChannelHandlerContext ctx = http2 == null ? null : channel.pipeline().context(http2);
        if (http2 == null || ctx == null) {
            return;
        }
        ByteBuf debug = ByteBufUtil.writeAscii(channel.alloc(), why);
        // No stream was or will be served. Having written this the handler closes, which is where the lingering begins.
        var unused = http2.goAway(ctx, 0, Http2Error.ENHANCE_YOUR_CALM.code(), debug, ctx.newPromise());
        ctx.flush();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        closeAfter(ctx, HELD_MS, ctx.newPromise());
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (state) {
            case HELD -> ctx.fireChannelRead(message);
            case LINGERING -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (state == State.HELD && ctx.channel() instanceof DuplexChannel socket && socket.isActive()) {
            state = State.LINGERING;
            var unused = socket.shutdownOutput();
            closeAfter(ctx, LINGER_MS, promise);
        } else {
            var unused = ctx.close(promise);
        }
    }

    private static void closeAfter(ChannelHandlerContext ctx, long millis, ChannelPromise promise) {
        var closing = ctx.executor().schedule(() -> closeNow(ctx, promise), millis, TimeUnit.MILLISECONDS);
        var unused = ctx.channel().closeFuture().addListener(closed -> {
            closing.cancel(false);
            promise.trySuccess();
        });
    }

    private static void closeNow(ChannelHandlerContext ctx, ChannelPromise promise) {
        var unused = ctx.close(promise);
    }
}
