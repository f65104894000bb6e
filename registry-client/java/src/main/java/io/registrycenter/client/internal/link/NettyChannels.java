package io.registrycenter.client.internal.link;

import io.grpc.ManagedChannel;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Channels over TCP. All of a client's channels share one event loop thread and one thread for name look-ups, both the
 * client's own, so that they are gone when the client is closed. Any thread.
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

    private static final int MAX_WAITING_LOOKUPS = 1024;

    private final ClientSettings settings;
    private final Duration keepaliveTime;
    private final Duration keepaliveTimeout;
    private final EventLoopGroup eventLoop;
    private final ThreadPoolExecutor lookups;

    public NettyChannels(ClientSettings settings, ThreadFactory threads) {
        this(settings, threads, Duration.ofSeconds(KEEPALIVE_SECONDS), Duration.ofSeconds(KEEPALIVE_TIMEOUT_SECONDS));
    }

    /**
     * @param keepaliveTime without a byte until it is asked whether anybody is there; gRPC takes no less than ten seconds
     * @param keepaliveTimeout how long the answer may take
     */
    public NettyChannels(
            ClientSettings settings, ThreadFactory threads, Duration keepaliveTime, Duration keepaliveTimeout) {
        this.settings = settings;
        this.keepaliveTime = keepaliveTime;
        this.keepaliveTimeout = keepaliveTimeout;
        this.eventLoop = new MultiThreadIoEventLoopGroup(
                1, threads, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        this.lookups = new ThreadPoolExecutor(
                1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING_LOOKUPS), threads);
        lookups.allowCoreThreadTimeOut(true);
    }

    @Override
    public ManagedChannel open(String target) {
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget(target)
                .eventLoopGroup(eventLoop)
                // Callbacks only hop to the client's serial executor, which never blocks.
                .directExecutor()
                .offloadExecutor(lookups)
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

    /** A connection to be, before gRPC adds anything to it. */
    private static Channel watched(Channel connection) {
        connection.pipeline().addFirst(new WriteFaults());
        return connection;
    }

    @Override
    public void close(long timeoutNanos) throws InterruptedException {
        lookups.shutdownNow();
        eventLoop.shutdownGracefully(0, timeoutNanos, TimeUnit.NANOSECONDS).await(timeoutNanos, TimeUnit.NANOSECONDS);
    }
}
