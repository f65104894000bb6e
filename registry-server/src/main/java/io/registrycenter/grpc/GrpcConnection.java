package io.registrycenter.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.drain.Connections;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection: its channel, what it has shown of itself, and the streams that are open on it.
 *
 * <p>What it is as a {@link Connections.Connection}, {@link #channel} and {@link #served} are for any thread; everything else is
 * confined to the connection's event loop.
 */
final class GrpcConnection implements Connections.Connection {

    /** Both ends of a connection: how a call finds the connection it came on. */
    record Link(@Nullable SocketAddress remote, @Nullable SocketAddress local) {}

    private final Channel channel;
    private final CloseEvidence evidence;
    private final Link link;
    private final Runnable sentAway;

    @GuardedBy("this")
    private boolean away;

    /** Few, so that leaving may search. Most connections have one stream, whose list cannot change: the next is another. */
    private List<MovableStream> movable = List.of();

    private @Nullable StreamStatus newest;

    private boolean carriedStreams;

    /** Written on the event loop. */
    private volatile int streams;

    /** HTTP/2 has begun, and there is room for it; written once, on the event loop. */
    private volatile boolean served;

    /** @param sentAway told once, when the connection is sent away */
    GrpcConnection(Channel channel, CloseEvidence evidence, Link link, Runnable sentAway) {
        this.channel = channel;
        this.evidence = evidence;
        this.link = link;
        this.sentAway = sentAway;
    }

    Link link() {
        return link;
    }

    Channel channel() {
        return channel;
    }

    CloseEvidence evidence() {
        return evidence;
    }

    /** HTTP/2 has begun. */
    void begin(boolean withRoom) {
        served = withRoom;
    }

    /** Whether calls can be made on it. */
    boolean served() {
        return served;
    }

    @Override
    public String peer() {
        return Peers.of(link.remote());
    }

    @Override
    public int streams() {
        return streams;
    }

    /** Whether it ever had such a stream: then those say why they ended, and the connection need not. */
    boolean carriedStreams() {
        return carriedStreams;
    }

    /** One writer, so that a plain step is enough. */
    void streamOpened() {
        int now = streams;
        streams = now + 1;
        carriedStreams = true;
    }

    void streamClosed() {
        int now = streams;
        streams = now - 1;
    }

    /** A watch or attach call has come, and is being started. */
    void starting(StreamStatus call) {
        newest = call;
    }

    /** The watch or attach call that came last: while one is being started, that one. */
    StreamStatus newest() {
        if (newest == null) {
            throw new IllegalStateException("a connection without calls");
        }
        return newest;
    }

    /** Number of the HTTP/2 stream that the other end opened last; 0: none. */
    int newestStreamId() {
        Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        return http2 == null ? 0 : http2.connection().remote().lastStreamCreated();
    }

    /**
     * Resets one HTTP/2 stream, past everything that is queued on it: its call is told at once, as if the reset had come from
     * the other end. One that is gone is left alone.
     *
     * @param telling run when it is not gone, before its call is told
     */
    void reset(int streamId, Runnable telling) {
        Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        ChannelHandlerContext ctx = http2 == null ? null : channel.pipeline().context(http2);
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
     * Ends one HTTP/2 stream, whose headers are out, with a status that the transport would not write itself.
     *
     * @param end its message is plain ASCII
     * @return false: it has ended already, or is gone
     */
    boolean end(int streamId, com.google.rpc.Status end) {
        Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        ChannelHandlerContext ctx = http2 == null ? null : channel.pipeline().context(http2);
        Http2Stream stream = http2 == null ? null : http2.connection().stream(streamId);
        if (http2 == null || ctx == null || stream == null || !stream.state().localSideOpen()) {
            return false;
        }
        Http2Headers trailers = new DefaultHttp2Headers()
                .add("grpc-status", Integer.toString(end.getCode()))
                .add("grpc-message", end.getMessage())
                .add(
                        "grpc-status-details-bin",
                        Base64.getEncoder().withoutPadding().encodeToString(end.toByteArray()));
        var unused = http2.encoder().writeHeaders(ctx, streamId, trailers, 0, true, ctx.newPromise());
        return true;
    }

    /** A stream that can be moved has begun. */
    void add(MovableStream stream) {
        if (movable.isEmpty()) {
            movable = List.of(stream);
            return;
        }
        if (!(movable instanceof ArrayList)) {
            movable = new ArrayList<>(movable);
        }
        movable.add(stream);
    }

    /** It is over. */
    void remove(MovableStream stream) {
        if (movable instanceof ArrayList) {
            movable.remove(stream);
        } else if (movable.contains(stream)) {
            movable = List.of();
        }
    }

    @Override
    public void ask(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        each(stream -> stream.ask(cause, deadline, reconnectAfter));
    }

    @Override
    public void sendAway(String message, Duration retryAfter) {
        if (!leaves()) {
            return;
        }
        sentAway.run();
        channel.eventLoop().execute(() -> {
            evidence.decided(CloseCause.DRAINING);
            // gRPC's handler makes a graceful one of it: GOAWAY first, the socket closes when the last stream is done.
            var unused = channel.close();
        });
        each(stream -> stream.sendAway(CloseCause.DRAINING, message, retryAfter));
    }

    /** True for the first who asks. */
    private synchronized boolean leaves() {
        boolean first = !away;
        away = true;
        return first;
    }

    @Override
    public void force(String message, Duration retryAfter) {
        each(stream -> stream.force(CloseCause.DRAIN_FORCED, message, retryAfter));
    }

    /** The streams that are open when the event loop comes to it. */
    private void each(Consumer<MovableStream> step) {
        channel.eventLoop().execute(() -> {
            List<MovableStream> now = new ArrayList<>(movable);
            now.forEach(step);
        });
    }
}
