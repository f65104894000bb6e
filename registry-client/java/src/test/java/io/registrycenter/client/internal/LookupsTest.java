package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.internal.link.NameLookup;
import io.registrycenter.client.internal.link.NettyChannels;
import io.registrycenter.client.internal.link.SystemTiming;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that become addresses, over TCP, with a machine's resolver that hangs, fails and knows odd names. */
@Timeout(60)
class LookupsTest implements LinkListener {

    private final BlockingQueue<Connected> connected = new LinkedBlockingQueue<>();
    private final BlockingQueue<DisconnectReport> failed = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> authorities = new LinkedBlockingQueue<>();
    private final CountDownLatch answer = new CountDownLatch(1);
    private final AtomicInteger lookups = new AtomicInteger();
    private Server server;

    @Override
    public void onConnected(Connected event) {
        connected.add(event);
    }

    @Override
    public void onDisconnected(DisconnectReport report) {
        // Only what connects is looked at.
    }

    @Override
    public void onAttemptFailed(DisconnectReport report) {
        failed.add(report);
    }

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addServices(EchoRegistry.services())
                .intercept(new Authorities())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        answer.countDown();
        server.shutdownNow();
    }

    private final class Authorities implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            authorities.add(String.valueOf(call.getAuthority()));
            return next.startCall(call, headers);
        }
    }

    private List<InetAddress> look(String host) throws UnknownHostException {
        lookups.incrementAndGet();
        switch (host) {
            case "hangs" -> {
                try {
                    answer.await();
                } catch (InterruptedException closing) {
                    Thread.currentThread().interrupt();
                }
                throw new UnknownHostException(host);
            }
            case "breaks" -> throw new IllegalStateException("a resolver with a fault");
            case "unknown" -> throw new UnknownHostException(host);
            default -> {
                return List.of(InetAddress.getLoopbackAddress());
            }
        }
    }

    /** The first target comes first. */
    private void withClient(List<String> hosts, Step step) throws Exception {
        ClientSettings settings = new ClientSettings(
                hosts.stream().map(host -> host + ":" + server.getPort()).toList(),
                "test",
                "",
                "default",
                false,
                Duration.ofSeconds(90),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ZERO,
                null);
        NameLookup names = this::look;
        OwnThreads threads = new OwnThreads("registry-client-machine");
        try (SystemTiming timing = new SystemTiming(threads);
                RegistryClient client = Clients.open(
                        settings,
                        this,
                        Runnable::run,
                        new Clients.World(
                                timing,
                                new NettyChannels(settings, threads, names),
                                () -> 0,
                                () -> "token",
                                InstantSource.system(),
                                Runnable::run))) {
            client.watch("orders", new RecordingListener());
            step.run();
        }
    }

    /** Something that may throw. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T item = queue.poll(30, TimeUnit.SECONDS);
        assertThat(item).isNotNull();
        return item;
    }

    @ParameterizedTest
    @ValueSource(strings = {"served", "127.0.0.1"})
    void lookupHangs_otherTargetsAreNotKeptWaiting(String other) throws Exception {
        withClient(List.of("hangs", other), () -> {
            DisconnectReport report = next(failed);
            assertThat(report.target()).startsWith("hangs:");
            assertThat(report.cause()).isEqualTo(CloseCause.CONNECT_TIMEOUT);
            assertThat(next(connected).target()).startsWith(other);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "breaks"})
    void lookupFails_isTold_andTheOtherTargetIsUsed(String bad) throws Exception {
        withClient(List.of(bad, "served"), () -> {
            DisconnectReport report = next(failed);
            assertThat(report.target()).startsWith(bad);
            assertThat(report.cause())
                    .isEqualTo(bad.equals("unknown") ? CloseCause.NETWORK_LOST : CloseCause.CLIENT_FAULT);
            assertThat(report.detail()).contains(bad + ":");
            assertThat(next(connected).target()).startsWith("served");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"my_registry", "dns:///my_registry"})
    void nameWithUnderscore_isReached(String target) throws Exception {
        withClient(List.of(target), () -> {
            assertThat(next(connected).target()).isEqualTo(target + ":" + server.getPort());
            assertThat(next(authorities)).isEqualTo("my_registry:" + server.getPort());
        });
    }

    @Test
    void address_isNotLookedUp() throws Exception {
        withClient(List.of("127.0.0.1"), () -> {
            next(connected);
            assertThat(lookups).hasValue(0);
        });
    }
}
