package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.socket.DuplexChannel;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Makes the close of a connection wait for the other end, up to a second, so that what was written before it arrives.
 *
 * <pre>
 * OPEN --close--> LINGERING --the other end closes, or a second--> gone
 * </pre>
 *
 * <p>A socket closed with unread bytes sends a reset, which overtakes what was written before it: so this end says that it is
 * done, drops what still comes, and leaves the closing to the other end. Confined to the connection's event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {

    private static final long LINGER_MS = 1_000;

    private enum State {
        OPEN,
        LINGERING
    }

    private State state = State.OPEN;

    /** Puts it behind the {@link ConnectionObserver} of an open connection, in front of TLS; once. */
    static void install(Channel channel) {
        ChannelHandlerContext observer = channel.pipeline().context(ConnectionObserver.class);
        if (observer != null && channel.pipeline().get(LingeringClose.class) == null) {
            channel.pipeline().addAfter(observer.name(), null, new LingeringClose());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (state) {
            case OPEN -> ctx.fireChannelRead(message);
            case LINGERING -> ReferenceCountUtil.release(message);
        }
    }

    /** After the goodbye a write would fail, and that would close the connection at once. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (state) {
            case OPEN -> {
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
        if (state == State.OPEN && ctx.channel() instanceof DuplexChannel socket && socket.isActive()) {
            state = State.LINGERING;
            var unused = socket.shutdownOutput();
            var waiting = ctx.executor().schedule(() -> closeNow(ctx, promise), LINGER_MS, TimeUnit.MILLISECONDS);
            var unusedListener = ctx.channel().closeFuture().addListener(closed -> waiting.cancel(false));
        } else {
            closeNow(ctx, promise);
        }
    }

    private static void closeNow(ChannelHandlerContext ctx, ChannelPromise promise) {
        var unused = ctx.close(promise);
    }
}
