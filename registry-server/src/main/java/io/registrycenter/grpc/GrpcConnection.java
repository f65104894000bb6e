package io.registrycenter.grpc;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.drain.Connections;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One accepted connection: its channel, what it has shown of itself, and the streams that are open on it.
 *
 * <p>What it is as a {@link Connections.Connection}, {@link #channel} and {@link #served} are for any thread; everything else is
 * confined to the connection's event loop.
 */
final class GrpcConnection implements Connections.Connection {

    /** Carried by every call of the connection. */
    static final Attributes.Key<GrpcConnection> KEY = Attributes.Key.create("registrycenter-connection");

    private final Channel channel;
    private final CloseEvidence evidence;
    private final String peer;
    private final Runnable sentAway;
    private final AtomicBoolean away = new AtomicBoolean();

    /** Few, so that leaving may search; most connections have one. */
    private final List<MovableStream> movable = new ArrayList<>(1);

    private boolean carriedStreams;

    /** Written on the event loop. */
    private volatile int streams;

    /** HTTP/2 has begun, and there is room for it; written once, on the event loop. */
    private volatile boolean served;

    /** @param sentAway told once, when the connection is sent away */
    GrpcConnection(Channel channel, CloseEvidence evidence, String peer, Runnable sentAway) {
        this.channel = channel;
        this.evidence = evidence;
        this.peer = peer;
        this.sentAway = sentAway;
    }

    /** The connection a call came on. */
    static GrpcConnection of(ServerCall<?, ?> call) {
        GrpcConnection connection = call.getAttributes().get(KEY);
        if (connection == null) {
            throw new IllegalStateException("a call without a connection of ours");
        }
        return connection;
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
        return peer;
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

    /** A stream that can be moved has begun. */
    void add(MovableStream stream) {
        movable.add(stream);
    }

    /** It is over. */
    void remove(MovableStream stream) {
        movable.remove(stream);
    }

    @Override
    public void ask(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        each(stream -> stream.ask(cause, deadline, reconnectAfter));
    }

    @Override
    public void sendAway(String message, Duration retryAfter) {
        if (!away.compareAndSet(false, true)) {
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
