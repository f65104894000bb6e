package io.registrycenter.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.fault.TcpRelay;
import io.registrycenter.watch.Hub;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.springframework.test.web.reactive.server.WebTestClient;

/**
 * Live servers of which each is impatient about one thing, started when they are asked for, and the ways to them. None is closed
 * before all are. Driven by one thread.
 */
final class ShortClocks implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** By what is unusual about it. */
    enum Setup {
        /** Takes nothing amiss, but that data is not taken and that a ping is not answered. */
        PATIENT(
                "--registry.watch.heartbeat-interval=20s",
                "--registry.watch.heartbeat-timeout=20s",
                "--registry.watch.client-read-timeout=60s",
                "--registry.watch.idle-timeout=60s",
                "--registry.watch.stall-timeout=500ms",
                "--registry.watch.reset-after=500ms",
                "--registry.grpc.keepalive-time=10s",
                "--registry.grpc.keepalive-timeout=1s",
                "--registry.grpc.tcp-user-timeout=1m"),
        WANTS_ACKS("--registry.watch.heartbeat-interval=100ms", "--registry.watch.heartbeat-timeout=200ms"),
        WANTS_FRAMES(
                "--registry.watch.heartbeat-interval=1s",
                "--registry.watch.heartbeat-timeout=60s",
                "--registry.watch.client-read-timeout=90s",
                "--registry.watch.idle-timeout=1500ms"),
        RENEWS("--registry.watch.max-age=500ms", "--registry.watch.heartbeat-timeout=60s"),
        LEAVES("--registry.drain.timeout=2s"),
        TLS,
        BROKEN,
        CUT_OFF("--registry.store=etcd", "--registry.etcd.lease-ttl=5s", "--registry.etcd.request-timeout=1s");

        // A list that is never written to.
        @SuppressWarnings("ImmutableEnumChecker")
        private final List<String> settings;

        Setup(String... settings) {
            this.settings = List.of(settings);
        }
    }

    private final Path directory;
    private final Map<Setup, LiveServer> servers = new EnumMap<>(Setup.class);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<TcpRelay> relays = new ArrayList<>();

    ShortClocks(Path directory) {
        this.directory = directory;
    }

    /** @param more settings, when it is not there yet */
    LiveServer server(Setup setup, String... more) {
        return servers.computeIfAbsent(setup, s -> {
            List<String> settings = new ArrayList<>(s.settings);
            settings.addAll(List.of(more));
            return LiveServer.start(directory.resolve(s.name()), settings.toArray(String[]::new));
        });
    }

    /** A connection of its own, on which a stream that is not read is soon full. */
    ManagedChannel channel(int port) {
        return kept(NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .initialFlowControlWindow(64 * 1024)
                .build());
    }

    ManagedChannel kept(ManagedChannel channel) {
        channels.add(channel);
        return channel;
    }

    TcpRelay relay(int port) throws IOException {
        TcpRelay relay = new TcpRelay(port);
        relays.add(relay);
        return relay;
    }

    /** A server's operators. */
    static WebTestClient http(LiveServer server) {
        return WebTestClient.bindToServer()
                .baseUrl("http://127.0.0.1:" + server.httpPort() + "/actuator")
                .responseTimeout(PATIENCE)
                .build();
    }

    void awaitNoStreams() {
        for (LiveServer server : servers.values()) {
            Hub hub = server.bean(Hub.class);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> hub.stats().streams() == 0
                            && hub.stats().subscriptions() == 0
                            && hub.streams().isEmpty());
        }
    }

    @Override
    public void close() throws IOException {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.values().forEach(LiveServer::close);
        for (TcpRelay relay : relays) {
            relay.close();
        }
    }
}
