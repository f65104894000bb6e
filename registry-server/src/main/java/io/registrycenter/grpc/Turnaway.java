package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.registrycenter.catalog.CloseCause;
import java.util.concurrent.TimeUnit;

/**
 * Holds a connection there is no room for just long enough for its calls to be refused by {@link ConnectionRefusals}.
 *
 * <pre>
 * HELD --a call was refused, or two seconds--> LEAVING --the other end closes, or a second--> closed
 *   `---after two seconds the other end has not begun HTTP/2-------------------------------------^
 * </pre>
 *
 * <p>LEAVING begins with a GOAWAY that makes the client use another connection for later calls. It names no last stream: calls
 * that are on their way are refused too, rather than tried again at once somewhere else. The close is a {@link LingeringClose}.
 * Confined to the connection's event loop.
 */
final class Turnaway extends ChannelInboundHandlerAdapter {

    private static final long HELD_MS = 2_000;
    private static final long LEAVING_MS = 1_000;

    /** How far the farewell is. */
    private enum State {
        HELD,
        LEAVING
    }

    private final GrpcConnection connection;
    private final String why;
    private State state = State.HELD;

    /** @param why for people who look at the bytes, in ASCII */
    Turnaway(GrpcConnection connection, String why) {
        this.connection = connection;
        this.why = why;
        connection.evidence().decided(CloseCause.LIMIT_EXCEEDED);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        LingeringClose.install(ctx.channel());
        later(ctx.channel(), HELD_MS, this::leave);
        ctx.fireChannelActive();
    }

    /** Not before what the calls were answered is written. A second call does nothing. */
    void leave() {
        if (state != State.HELD) {
            return;
        }
        state = State.LEAVING;
        boolean said = connection.http2().goAway(why);
        if (said && connection.evidence().isNegotiated()) {
            later(connection.channel(), LEAVING_MS, this::close);
        } else {
            close();
        }
    }

    /** Past HTTP/2, which would say goodbye once more. */
    private void close() {
        ChannelHandlerContext ctx = connection.channel().pipeline().context(this);
        if (ctx != null) {
            var unused = ctx.close();
        }
    }

    private static void later(Channel channel, long millis, Runnable what) {
        var waiting = channel.eventLoop().schedule(what, millis, TimeUnit.MILLISECONDS);
        var unused = channel.closeFuture().addListener(closed -> waiting.cancel(false));
    }
}
