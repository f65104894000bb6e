package io.registrycenter.grpc;

import io.grpc.ServerCall;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
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
import io.registrycenter.drain.Connections;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.net.BindException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Netty side of the gRPC server, all of it: a few named event loops that serve connections, their sockets' options, and
 * the limits; {@link GrpcConnections} has what happens to each of them.
 *
 * <p>A call is served on the event loop of its connection from the first byte to the last (there is no other executor), so
 * whatever belongs to a call or stream is confined to that loop.
 */
public final class GrpcTransport implements AutoCloseable {

    /** Full names of the methods that are long-lived streams. */
    public static final Set<String> STREAMS = StreamLimits.STREAMS;

    /** Full names of the services whose calls are all such streams. */
    public static final Set<String> STREAM_SERVICES =
            Set.of(WatchServiceGrpc.SERVICE_NAME, SessionServiceGrpc.SERVICE_NAME);

    private static final Logger LOG = LoggerFactory.getLogger(GrpcTransport.class);

    /** Elsewhere there is no epoll to miss. */
    private static final boolean LINUX = System.getProperty("os.name", "").startsWith("Linux");

    private static final int MAX_METADATA_BYTES = 8 * 1024;

    /** The number of Linux, which Netty's native transport reports negated. */
    private static final int EADDRINUSE = 98;

    private final TransportSettings settings;
    private final TransportCounts counts;
    private final StreamEnding.Means means;
    private final GrpcConnections connections;
    private final StreamLimits limits;
    private final DrainGate gate;
    private final ConnectionRefusals room;
    private final EventLoopGroup loops;
    private final DirectBuffers buffers = new DirectBuffers();
    private final boolean epoll = Epoll.isAvailable();

    /**
     * @param handshakes asked for each watch or attach stream that starts: zero lets it in, else when to try again
     * @param random spreads when clients come back
     */
    public GrpcTransport(
            TransportSettings settings,
            LongSupplier nanoTime,
            Supplier<Duration> handshakes,
            RandomGenerator random,
            TransportCounts counts,
            CloseLog log) {
        this.settings = settings;
        this.counts = counts;
        CloseCauses causes = new CloseCauses(settings.tls());
        this.means = new StreamEnding.Means(causes, log, nanoTime);
        this.connections = new GrpcConnections(settings, nanoTime, causes, counts, log);
        this.limits = new StreamLimits(settings, connections, handshakes, counts);
        this.gate = new DrainGate(connections, random);
        this.room = new ConnectionRefusals(settings.maxConnections(), connections, random);
        this.loops = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(),
                new DefaultThreadFactory("registry-grpc", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        if (!epoll && LINUX) {
            Throwable cause = Epoll.unavailabilityCause();
            LOG.warn(
                    "The gRPC server runs without epoll ({}): registry.grpc.tcp-user-timeout has no effect, and what clients do not"
                            + " read is not measured. Where its library can be unpacked is set with"
                            + " -Dio.grpc.netty.shaded.io.netty.native.workdir=... or -Djava.io.tmpdir=...",
                    cause == null ? "switched off" : cause.getMessage());
        }
    }

    /** Makes a server builder ours. */
    public void customize(NettyServerBuilder builder) {
        builder.channelFactory(this::serverChannel)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                // Ours is in place of it: see Keepalive.
                .keepAliveTime(Long.MAX_VALUE, TimeUnit.NANOSECONDS)
                .permitKeepAliveTime(settings.permitKeepalive().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxInboundMessageSize(settings.messageBytes())
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .maxConcurrentCallsPerConnection(2 * settings.streamsPerConnection())
                .flowControlWindow(settings.flowControlWindowBytes())
                .withChildOption(ChannelOption.SO_KEEPALIVE, true)
                .withChildOption(ChannelOption.ALLOCATOR, buffers)
                .addStreamTracerFactory(
                        new StreamStatus.Factory(connections, new MessageLimit(settings.messageBytes(), counts)))
                .addTransportFilter(connections.filter())
                .intercept(limits)
                // Added last, asked first: who is refused for leaving costs no limit anything.
                .intercept(gate)
                // Asked before all others: on a connection there is no room for nothing else is of interest.
                .intercept(room);
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

    /** Knows why a watch or attach call will have ended. */
    StreamEnding ending(StreamStatus status) {
        return new StreamEnding(means, status);
    }

    /** What the transport tells of the watch or attach call that starts now. On its event loop. */
    StreamStatus status(ServerCall<?, ?> call) {
        return connections.of(call).newest();
    }

    /** A stream whose end does not get through for this long is reset. */
    Duration resetAfter() {
        return settings.resetAfter();
    }

    TransportCounts counts() {
        return counts;
    }

    /** Bytes of direct memory in use, of requests being read and of answers that the sockets have not taken. Any thread. */
    public long bufferBytes() {
        return buffers.used();
    }

    /** Above this nothing large is begun, and slow readers give back what they hold. */
    public long mostBufferBytes() {
        return DirectBuffers.most();
    }

    GrpcConnections connections() {
        return connections;
    }

    /** What is open, to be moved when the server leaves. */
    public Connections drained() {
        return connections;
    }

    private ServerChannel serverChannel() {
        ServerChannel channel = epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        channel.pipeline().addFirst(connections.acceptor());
        return channel;
    }

    /** Why a server could not listen on its address, as the system says it; null where that was not why it failed. */
    public static @Nullable String bindFailure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException || cause instanceof Errors.NativeIoException) {
                return String.valueOf(cause.getMessage());
            }
        }
        return null;
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
}
