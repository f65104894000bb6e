package io.registrycenter.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.registrycenter.catalog.CloseCause;
import java.net.BindException;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The Netty side of the gRPC server, all of it: a few named event loops that serve connections, their sockets' options, and
 * an observer on every connection that learns why it ended.
 *
 * <p>A call is served on the event loop of its connection from the first byte to the last (there is no other executor), so
 * whatever belongs to a call or stream is confined to that loop.
 */
public final class GrpcTransport implements AutoCloseable {

    private static final int MAX_METADATA_BYTES = 8 * 1024;

    /** The number of Linux, which Netty's native transport reports negated. */
    private static final int EADDRINUSE = 98;

    private final TransportSettings settings;
    private final LongSupplier nanoTime;
    private final Consumer<CloseCause> connectionEnds;
    private final CloseCauses causes;
    private final EventLoopGroup loops;
    private final boolean epoll = Epoll.isAvailable();
    private final ConcurrentMap<Link, CloseEvidence> links = new ConcurrentHashMap<>();

    /** Both ends of a connection: how a call finds what its connection has shown. */
    private record Link(
            @Nullable SocketAddress remote, @Nullable SocketAddress local) {}

    /** @param connectionEnds told of every connection that ends, on its event loop */
    public GrpcTransport(TransportSettings settings, LongSupplier nanoTime, Consumer<CloseCause> connectionEnds) {
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.connectionEnds = connectionEnds;
        this.causes = new CloseCauses(settings.keepaliveTimeout().toNanos(), nanoTime);
        this.loops = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(),
                new DefaultThreadFactory("registry-grpc", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /** Makes a server builder ours. */
    public void customize(NettyServerBuilder builder) {
        builder.channelFactory(this::serverChannel)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                .keepAliveTime(settings.keepaliveTime().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(settings.keepaliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveTime(settings.permitKeepalive().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxInboundMessageSize(settings.messageBytes())
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .maxConcurrentCallsPerConnection(settings.callsPerConnection())
                .flowControlWindow(settings.flowControlWindowBytes())
                .withChildOption(ChannelOption.SO_KEEPALIVE, true)
                .addStreamTracerFactory(new StreamStatus.Factory())
                .addTransportFilter(new EvidenceFilter());
        if (epoll) {
            builder.withChildOption(
                    EpollChannelOption.TCP_USER_TIMEOUT,
                    Math.toIntExact(settings.tcpUserTimeout().toMillis()));
        }
    }

    /** The event loop that runs the caller; the same object for every call of a connection. */
    EventExecutor loop() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return loop;
            }
        }
        throw new IllegalStateException(Thread.currentThread().getName() + " is not an event loop of the gRPC server");
    }

    CloseCauses causes() {
        return causes;
    }

    private ServerChannel serverChannel() {
        ServerChannel channel = epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        channel.pipeline().addFirst(new Acceptor());
        return channel;
    }

    private void observe(Channel accepted) {
        CloseEvidence evidence = new CloseEvidence(nanoTime.getAsLong(), accepted::isOpen);
        Link link = new Link(accepted.remoteAddress(), accepted.localAddress());
        links.put(link, evidence);
        accepted.pipeline().addFirst(new ConnectionObserver(settings.tls(), nanoTime, evidence, gone -> {
            links.remove(link, gone);
            connectionEnds.accept(causes.ofConnection(gone));
        }));
    }

    /** Whether a server did not start because its port is taken. */
    public static boolean addressInUse(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException
                    || (cause instanceof Errors.NativeIoException io && io.expectedErr() == -EADDRINUSE)) {
                return true;
            }
        }
        return false;
    }

    /** Ends the event loops; the server has terminated. Waits at most two seconds. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** Sees every accepted connection before anything is read from it. */
    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Channel accepted) {
                observe(accepted);
            }
            ctx.fireChannelRead(message);
        }
    }

    /** Gives the evidence of a connection to every call on it. */
    private final class EvidenceFilter extends ServerTransportFilter {
        @Override
        public Attributes transportReady(Attributes attributes) {
            CloseEvidence evidence = links.get(new Link(
                    attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR), attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR)));
            return evidence == null
                    ? attributes
                    : attributes.toBuilder().set(CloseEvidence.KEY, evidence).build();
        }
    }
}
