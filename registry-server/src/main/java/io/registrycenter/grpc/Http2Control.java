package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP/2 frames of one connection that are written past gRPC, and what its flow control shows. Does nothing while HTTP/2
 * is not in place. Confined to the connection's event loop.
 */
final class Http2Control {

    private static final Logger log = LoggerFactory.getLogger(Http2Control.class);

    /** Tells our pings from those of gRPC. */
    private static final long PING = 0x52_45_47_49_53_54L;

    private final Channel channel;

    Http2Control(Channel channel) {
        this.channel = channel;
    }

    private @Nullable Http2ConnectionHandler handler() {
        return channel.pipeline().get(Http2ConnectionHandler.class);
    }

    private @Nullable ChannelHandlerContext context() {
        return channel.pipeline().context(Http2ConnectionHandler.class);
    }

    /** HTTP/2 has begun: our pings' answers are kept from gRPC, which would wonder at them. */
    void begin(GoAwayListener goAways) {
        Http2ConnectionHandler http2 = handler();
        if (http2 == null) {
            return;
        }
        http2.connection().addListener(goAways);
        http2.decoder()
                .frameListener(new Http2FrameListenerDecorator(http2.decoder().frameListener()) {
                    @Override
                    public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
                        if (data != PING) {
                            super.onPingAckRead(ctx, data);
                        }
                    }
                });
    }

    /** Asks the other end for a sign of life. */
    void ping() {
        Http2ConnectionHandler http2 = handler();
        ChannelHandlerContext ctx = context();
        if (http2 != null && ctx != null) {
            var unused = http2.encoder().writePing(ctx, false, PING, ctx.newPromise());
            ctx.flush();
        }
    }

    /**
     * Asks the other end to use another connection for later calls; those on their way are still answered here.
     *
     * @param why for people who look at the bytes, in ASCII
     * @return false: HTTP/2 is not in place yet
     */
    boolean goAway(String why) {
        Http2ConnectionHandler http2 = handler();
        ChannelHandlerContext ctx = context();
        if (http2 == null || ctx == null) {
            return false;
        }
        ByteBuf debug = ByteBufUtil.writeAscii(channel.alloc(), why);
        var unused = http2.goAway(ctx, Integer.MAX_VALUE, Http2Error.NO_ERROR.code(), debug, ctx.newPromise());
        ctx.flush();
        return true;
    }

    /** Number of the stream that the other end opened last; 0: none. */
    int newestStreamId() {
        Http2ConnectionHandler http2 = handler();
        return http2 == null ? 0 : http2.connection().remote().lastStreamCreated();
    }

    /**
     * Resets one stream, past everything that is queued on it: its call is told at once, as if the reset had come from the
     * other end. One that is gone is left alone.
     *
     * @param telling run when it is not gone, before its call is told
     */
    void reset(int streamId, Runnable telling) {
        Http2ConnectionHandler http2 = handler();
        ChannelHandlerContext ctx = context();
        if (http2 == null || ctx == null || http2.connection().stream(streamId) == null) {
            return;
        }
        telling.run();
        try {
            http2.decoder().frameListener().onRstStreamRead(ctx, streamId, Http2Error.CANCEL.code());
        } catch (Http2Exception broken) {
            http2.onError(ctx, false, broken);
        }
        var unused = http2.encoder().writeRstStream(ctx, streamId, Http2Error.CANCEL.code(), ctx.newPromise());
        ctx.flush();
    }

    /**
     * Ends one stream with a status that the transport would not write itself.
     *
     * @param end its message is plain ASCII
     * @return false: it has ended already, or is gone
     */
    boolean end(int streamId, com.google.rpc.Status end) {
        Http2ConnectionHandler http2 = handler();
        ChannelHandlerContext ctx = context();
        Http2Stream stream = http2 == null ? null : http2.connection().stream(streamId);
        if (http2 == null || ctx == null || stream == null || !stream.state().localSideOpen()) {
            return false;
        }
        Http2Headers trailers = new DefaultHttp2Headers();
        if (!stream.isHeadersSent()) {
            trailers.status("200").add("content-type", "application/grpc");
        }
        trailers.add("grpc-status", Integer.toString(end.getCode()))
                .add("grpc-message", end.getMessage())
                .add(
                        "grpc-status-details-bin",
                        Base64.getEncoder().withoutPadding().encodeToString(end.toByteArray()));
        var unused = http2.encoder().writeHeaders(ctx, streamId, trailers, 0, true, ctx.newPromise());
        return true;
    }

    /**
     * Ends every open stream so, also those of unary calls, and asks the other end to send nothing more on it: a client that may
     * still send is not done with the call, and takes the end of the connection for the call's.
     *
     * <p>For a connection that gRPC is giving up: it has yet to hear of each stream, so the streams stay open on this side.
     */
    void endAll(com.google.rpc.Status end) {
        Http2ConnectionHandler http2 = handler();
        ChannelHandlerContext ctx = context();
        if (http2 == null || ctx == null) {
            return;
        }
        List<Integer> open = new ArrayList<>();
        try {
            http2.connection().forEachActiveStream(stream -> open.add(stream.id()));
        } catch (Http2Exception broken) {
            log.error("The streams of a connection cannot be listed", broken);
        }
        for (int id : open) {
            if (end(id, end)) {
                var unused = http2.encoder()
                        .frameWriter()
                        .writeRstStream(ctx, id, Http2Error.NO_ERROR.code(), ctx.newPromise());
            }
        }
    }

    /**
     * Whether a stream holds much of the window that all streams of the connection share: half of its own window or more is in
     * bytes that the client has not given back. Clients give back bytes that were read when they make up half of a window.
     */
    boolean holdsWindow(int streamId) {
        Http2ConnectionHandler http2 = handler();
        Http2Stream stream = http2 == null ? null : http2.connection().stream(streamId);
        if (http2 == null || stream == null) {
            return false;
        }
        Http2RemoteFlowController flow = http2.encoder().flowController();
        return flow.windowSize(stream) <= flow.initialWindowSize() / 2;
    }

    /** Whether the window that all streams share is used up. */
    boolean isWindowShut() {
        Http2ConnectionHandler http2 = handler();
        if (http2 == null) {
            return false;
        }
        Http2Connection connection = http2.connection();
        return http2.encoder().flowController().windowSize(connection.connectionStream()) <= 0;
    }
}
