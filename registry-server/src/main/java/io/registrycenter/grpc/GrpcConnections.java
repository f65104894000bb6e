package io.registrycenter.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.drain.Connections;
import io.registrycenter.grpc.GrpcConnection.Link;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Every connection that is open: counted, observed from its first byte, known to its calls, told when there is no room, and
 * moved when the server leaves.
 *
 * <p>Any thread; what belongs to one connection happens on its event loop.
 */
final class GrpcConnections implements Connections {

    /** Connections that may be held over the limit, just long enough to be told. */
    static final int TURNED_AWAY = 256;

    private final TransportSettings settings;
    private final LongSupplier nanoTime;
    private final CloseCauses causes;
    private final TransportCounts counts;
    private final CloseLog log;
    private final ConnectionLimit limit;
    private final String tooMany;
    private final Set<Channel> acceptors = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<Link, GrpcConnection> open = new ConcurrentHashMap<>();
    private final AtomicLong sentAway = new AtomicLong();

    // Shared by all connections, which are many.
    private final Runnable countSentAway = sentAway::incrementAndGet;
    private final BooleanSupplier leaving = this::isLeaving;
    private final Consumer<GrpcConnection> gone = this::ended;
    private final ChannelFutureListener servedGone = closed -> limit().closed(ConnectionLimit.Verdict.SERVE);
    private final ChannelFutureListener turnedAwayGone = closed -> limit().closed(ConnectionLimit.Verdict.TURN_AWAY);

    private volatile Gate gate = Gate.OPEN;
    private volatile Duration retryWithin = Duration.ZERO;

    GrpcConnections(
            TransportSettings settings,
            LongSupplier nanoTime,
            CloseCauses causes,
            TransportCounts counts,
            CloseLog log) {
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.causes = causes;
        this.counts = counts;
        this.log = log;
        this.tooMany = "limit " + ConnectionRefusals.LIMIT + " is " + settings.maxConnections() + "; come back later";
        this.limit = new ConnectionLimit(
                settings.maxConnections(),
                TURNED_AWAY,
                accepting -> acceptors.forEach(acceptor -> acceptor.config().setAutoRead(accepting)));
    }

    /** First in the pipeline of a listening socket: sees every accepted connection before anything is read from it. */
    ChannelHandler acceptor() {
        return new Acceptor();
    }

    /** Tells a connection that HTTP/2 has begun. Adds nothing to its attributes, of which there would be a copy for each. */
    ServerTransportFilter filter() {
        return new Filter();
    }

    /** The connection a call came on. */
    GrpcConnection of(ServerCall<?, ?> call) {
        GrpcConnection connection = find(call.getAttributes());
        if (connection == null) {
            throw new IllegalStateException("a call without a connection of ours");
        }
        return connection;
    }

    /** The open connection with these attributes; null: none of ours. */
    @Nullable
    GrpcConnection find(Attributes attributes) {
        return open.get(new Link(
                attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR), attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR)));
    }

    @Override
    public void gate(Gate newGate, Duration within) {
        retryWithin = within;
        gate = newGate;
    }

    /** Those who are refused come back spread over this; more than a second. */
    Duration retryWithin() {
        return retryWithin;
    }

    Gate gate() {
        return gate;
    }

    /** What is open now, those that are being turned away among them. */
    Collection<GrpcConnection> all() {
        return open.values();
    }

    /** Those on which HTTP/2 has begun and that are not being turned away. */
    @Override
    public List<GrpcConnection> open() {
        return open.values().stream().filter(GrpcConnection::served).toList();
    }

    @Override
    public long sentAway() {
        return sentAway.get();
    }

    ConnectionLimit limit() {
        return limit;
    }

    private void accepted(Channel channel) {
        ConnectionLimit.Verdict verdict = limit.opened();
        var unused = channel.closeFuture()
                .addListener(
                        switch (verdict) {
                            case SERVE -> servedGone;
                            case TURN_AWAY -> turnedAwayGone;
                        });
        CloseEvidence evidence = new CloseEvidence(nanoTime.getAsLong(), channel::isOpen);
        Link link = new Link(channel.remoteAddress(), channel.localAddress());
        GrpcConnection connection = new GrpcConnection(channel, evidence, link, settings, nanoTime, countSentAway);
        open.put(link, connection);
        channel.pipeline().addFirst(new ConnectionObserver(settings.tls(), nanoTime, connection, leaving, gone));
        if (verdict == ConnectionLimit.Verdict.TURN_AWAY) {
            counts.limitHit(ConnectionRefusals.LIMIT);
            channel.pipeline().addLast(new Turnaway(connection, tooMany));
        }
    }

    /** What holds a connection there is no room for; null: there is room. On its event loop. */
    static @Nullable Turnaway turnaway(GrpcConnection connection) {
        return connection.channel().pipeline().get(Turnaway.class);
    }

    private boolean isLeaving() {
        return gate != Gate.OPEN;
    }

    private void ended(GrpcConnection connection) {
        open.remove(connection.link(), connection);
        CloseEvidence evidence = connection.evidence();
        CloseCause cause = causes.ofConnection(evidence, connection.streams());
        counts.connectionClosed(cause);
        if (!connection.carriedStreams()) {
            long now = nanoTime.getAsLong();
            Disconnect.Evidence seen = Witness.evidence(null, evidence);
            log.ended(new Disconnect(
                    Disconnect.Kind.CONNECTION,
                    "",
                    cause,
                    Witness.confidence(cause, seen),
                    connection.peer(),
                    Duration.ofNanos(now - evidence.openedNanos()),
                    Duration.ofNanos(now - evidence.lastReadNanos()),
                    new Disconnect.Standing(Witness.phase(evidence)),
                    seen));
        }
    }

    /** HTTP/2 has begun: its handler is in place and reads what came with the beginning when this returns. */
    private static void negotiated(GrpcConnection connection) {
        connection.begin(turnaway(connection) == null);
    }

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            acceptors.add(ctx.channel());
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            acceptors.remove(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Channel channel) {
                accepted(channel);
            }
            ctx.fireChannelRead(message);
        }
    }

    private final class Filter extends ServerTransportFilter {
        @Override
        public Attributes transportReady(Attributes attributes) {
            GrpcConnection connection = find(attributes);
            if (connection != null) {
                negotiated(connection);
            }
            return attributes;
        }
    }
}
