package io.registrycenter.client.internal.link;

import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.registrycenter.client.ClientSettings;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Channels over TCP. All of a client's channels share one event loop thread, and each target has a thread for its look-ups while
 * there is one, all of them the client's own, so that they are gone when the client is closed. A look-up that hangs keeps nobody
 * waiting but its own target: it cannot be broken off. Any thread.
 */
public final class NettyChannels implements ChannelFactory {

    /** Above the 10 s that a server permits by default. */
    public static final long KEEPALIVE_SECONDS = 30;

    private static final long KEEPALIVE_TIMEOUT_SECONDS = 10;
    private static final int TCP_USER_TIMEOUT_MILLIS = 30_000;
    /** A message is at most 1 MiB; the rest is slack for framing. */
    private static final int MAX_MESSAGE_BYTES = 2 << 20;
    /** gRPC's mark for "never". */
    private static final long NO_IDLE_DAYS = Long.MAX_VALUE;

    /** Of one target. The oldest is dropped for a new one: its channel was given up long ago. */
    private static final int MAX_WAITING_LOOKUPS = 16;

    private static final int LOOKUP_IDLE_SECONDS = 10;
    private static final String SCHEME = "registry-center";

    private final ClientSettings settings;
    private final Duration keepaliveTime;
    private final Duration keepaliveTimeout;
    private final EventLoopGroup eventLoop;
    private final ThreadFactory threads;
    private final NameLookup names;
    /** By target. */
    private final Map<String, ThreadPoolExecutor> lookups = new ConcurrentHashMap<>();

    public NettyChannels(ClientSettings settings, ThreadFactory threads) {
        this(settings, threads, NameLookup.SYSTEM);
    }

    public NettyChannels(ClientSettings settings, ThreadFactory threads, NameLookup names) {
        this(
                settings,
                threads,
                names,
                Duration.ofSeconds(KEEPALIVE_SECONDS),
                Duration.ofSeconds(KEEPALIVE_TIMEOUT_SECONDS));
    }

    /**
     * @param keepaliveTime without a byte until it is asked whether anybody is there; gRPC takes no less than ten seconds
     * @param keepaliveTimeout how long the answer may take
     */
    public NettyChannels(
            ClientSettings settings,
            ThreadFactory threads,
            NameLookup names,
            Duration keepaliveTime,
            Duration keepaliveTimeout) {
        this.settings = settings;
        this.threads = threads;
        this.names = names;
        this.keepaliveTime = keepaliveTime;
        this.keepaliveTimeout = keepaliveTimeout;
        this.eventLoop = new MultiThreadIoEventLoopGroup(
                1, threads, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    @Override
    public ManagedChannel open(String target) {
        NettyChannelBuilder builder = builder(Target.parse(target))
                .eventLoopGroup(eventLoop)
                // Callbacks only hop to the client's serial executor, which never blocks.
                .directExecutor()
                .offloadExecutor(lookups(target))
                // A name with several addresses: any of them, another order with each new start.
                .defaultServiceConfig(Map.of(
                        "loadBalancingConfig", List.of(Map.of("pick_first", Map.of("shuffleAddressList", true)))))
                .idleTimeout(NO_IDLE_DAYS, TimeUnit.DAYS)
                .keepAliveTime(keepaliveTime.toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(keepaliveTimeout.toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveWithoutCalls(true)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .withOption(ChannelOption.SO_KEEPALIVE, true)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        settings.connectTimeout().toMillis());
        if (Epoll.isAvailable()) {
            builder.channelFactory(() -> watched(new EpollSocketChannel()))
                    .withOption(EpollChannelOption.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MILLIS);
        } else {
            builder.channelFactory(() -> watched(new NioSocketChannel()));
        }
        return (settings.tls() ? builder.useTransportSecurity() : builder.usePlaintext()).build();
    }

    /**
     * With a resolver that no other channel has: one that is registered with gRPC would be the whole process's, and would outlive
     * the class loader it came from.
     */
    @SuppressWarnings("deprecation")
    private NettyChannelBuilder builder(Target target) {
        if (target.kind() == Target.Kind.FOREIGN) {
            return NettyChannelBuilder.forTarget(target.text());
        }
        URI name = URI.create(SCHEME + ":///" + URLEncoder.encode(target.authority(), StandardCharsets.UTF_8));
        return NettyChannelBuilder.forTarget(name.toString()).nameResolverFactory(new NameResolver.Factory() {
            @Override
            public NameResolver newNameResolver(URI uri, NameResolver.Args args) {
                return new TargetResolver(target, names, lookups(target.text()), args);
            }

            @Override
            public String getDefaultScheme() {
                return SCHEME;
            }
        });
    }

    private Executor lookups(String target) {
        return lookups.computeIfAbsent(target, first -> {
            ThreadPoolExecutor one = new ThreadPoolExecutor(
                    1,
                    1,
                    LOOKUP_IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(MAX_WAITING_LOOKUPS),
                    threads,
                    new ThreadPoolExecutor.DiscardOldestPolicy());
            one.allowCoreThreadTimeOut(true);
            return one;
        });
    }

    /** A connection to be, before gRPC adds anything to it. */
    private static Channel watched(Channel connection) {
        connection.pipeline().addFirst(new WriteFaults());
        return connection;
    }

    @Override
    public void close(long timeoutNanos) throws InterruptedException {
        lookups.values().forEach(ThreadPoolExecutor::shutdownNow);
        eventLoop.shutdownGracefully(0, timeoutNanos, TimeUnit.NANOSECONDS).await(timeoutNanos, TimeUnit.NANOSECONDS);
    }
}
