package io.registrycenter.client.internal.link;

import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Tells a connection's handlers of a fault that only a write met.
 *
 * <p>The operating system reports a reset once, to whoever looks first. If that is a write, Netty closes the connection without
 * a word to anybody but the one who wrote, and to gRPC it looks as if the peer had closed in good order. So the fault is passed
 * on as the reads' faults are, just before the end. First in the pipeline of one connection; confined to its event loop.
 */
final class WriteFaults extends ChannelDuplexHandler {

    private @Nullable Throwable fault;

    private final ChannelFutureListener written = future -> {
        Throwable cause = future.cause();
        // Who writes to what is closed already meets nothing new.
        if (fault == null && cause instanceof IOException && !(cause instanceof ClosedChannelException)) {
            fault = cause;
        }
    };

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        var unused = ctx.write(message, promise.unvoid().addListener(written));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (fault != null) {
            ctx.fireExceptionCaught(fault);
        }
        ctx.fireChannelInactive();
    }
}
