package io.registrycenter.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.drain.Connections;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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
    private final Http2Control http2;
    private final Keepalive keepalive;

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
    GrpcConnection(
            Channel channel,
            CloseEvidence evidence,
            Link link,
            TransportSettings settings,
            LongSupplier nanoTime,
            Runnable sentAway) {
        this.channel = channel;
        this.evidence = evidence;
        this.link = link;
        this.sentAway = sentAway;
        this.http2 = new Http2Control(channel);
        this.keepalive = new Keepalive(this, settings, nanoTime);
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

    Http2Control http2() {
        return http2;
    }

    Keepalive keepalive() {
        return keepalive;
    }

    /** HTTP/2 has begun. */
    void begin(boolean withRoom) {
        served = withRoom;
        evidence.negotiated();
        http2.begin(new GoAwayListener(evidence, this::tooManyPings, keepalive::closing));
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
        int left = streams - 1;
        streams = left;
        if (left == 0) {
            keepalive.lastStreamEnded();
        }
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

    /**
     * Whether the slow-client ladder has yet to judge one of its streams: data or an end waits for a client that does not take
     * it, or will when the next heartbeat waits behind what the socket does not take.
     */
    boolean ladderJudges() {
        boolean watched = false;
        for (MovableStream stream : movable) {
            if (stream.ladderJudges()) {
                return true;
            }
            watched |= stream.hasLadder();
        }
        return watched && KernelBacklog.holds(channel);
    }

    /**
     * Whether a stream waits for nothing but the window that all streams share, of which another stream, that the ladder is
     * judging, holds much: when that one has ended, the client gives its bytes back.
     */
    boolean isStarved(int streamId) {
        if (!http2.isWindowShut() || http2.holdsWindow(streamId)) {
            return false;
        }
        for (MovableStream other : movable) {
            if (other.streamId() != streamId && other.ladderJudges() && http2.holdsWindow(other.streamId())) {
                return true;
            }
        }
        return false;
    }

    /** Pings came too fast, and the connection ends: its calls are told first. */
    private void tooManyPings() {
        com.google.rpc.Status end = WireErrors.tooManyPings();
        movable.forEach(stream -> stream.told(end.getMessage()));
        http2.endAll(end);
        LingeringClose.install(channel);
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
