package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections whose other end answers nothing any more, and what becomes of the streams on them first. */
class SilentPeerTest {

    /** From the end of its last stream until a connection is gone, at most. */
    private static final Duration LET_GO = Duration.ofSeconds(10);

    @TempDir
    Path data;

    private FaultServer server(String... more) {
        return new FaultServer(data.resolve("data"), more);
    }

    @Test
    void processThatStandsStill_losesItsConnections_soonAfterItsStreams_countedOnce() throws Exception {
        int watchers = Proof.times(20, 1_000);
        try (FaultServer server = server("--registry.grpc.tcp-user-timeout=60s");
                ClientProcess client = new ClientProcess(server.port(), "orders", watchers)) {
            Descriptors before = Descriptors.now();
            server.put("orders", "i", 1, "");
            client.connect();
            assertThat(ServerSockets.of(server.port())).hasSize(watchers);
            client.freeze();
            FaultServer.await(() -> server.hub().stats().streams() == 0);
            awaitNoConnection(server);
            assertThat(server.closes()).isEqualTo(Map.of(CloseCause.HEARTBEAT_TIMEOUT, (long) watchers));
            assertThat(server.connectionCloses()).isEqualTo(Map.of(CloseCause.KEEPALIVE_TIMEOUT, (long) watchers));
            assertThat(Descriptors.now().isAtMost(before)).isTrue();
        }
    }

    /** Less than the transport queues before it says that it is not ready, and more than it takes at all. */
    @ParameterizedTest
    @ValueSource(ints = {14, 200})
    void readerThatStopsAtTheSocket_losesItsStreamByTheLadder_thenItsConnection(int changes) throws Exception {
        try (FaultServer server = server(
                        "--registry.watch.heartbeat-timeout=400ms",
                        "--registry.watch.stall-timeout=4s",
                        "--registry.grpc.keepalive-time=1s",
                        "--registry.grpc.tcp-user-timeout=60s");
                TcpRelay relay = new TcpRelay(server.port());
                FaultWatcher watcher = new FaultWatcher(relay.port(), "orders")) {
            server.put("orders", "i", 1, "");
            watcher.connect(true);
            FaultServer.await(() -> watcher.answers() >= 2);
            relay.links().forEach(RelayLink::stopReading);
            for (int i = 0; i < changes; i++) {
                server.put("orders", "i", 1, "x".repeat(4 * 1024));
            }
            FaultServer.await(() -> !server.closes().isEmpty());
            assertThat(server.closes()).isEqualTo(Map.of(CloseCause.SLOW_CONSUMER, 1L));
            awaitNoConnection(server);
            assertThat(server.connectionCloses()).isEqualTo(Map.of(CloseCause.KEEPALIVE_TIMEOUT, 1L));

            relay.resetAll();
            FaultServer.await(() -> !watcher.connected());
            watcher.resetConnectBackoff();
            watcher.connect(true);
            FaultServer.await(() -> watcher.previousEnd().getCauseValue() != 0);
            assertThat(watcher.previousEnd().getCause())
                    .as("all that the client saw was a reset")
                    .isEqualTo(io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_SLOW_CONSUMER);
        }
    }

    /** Its flow control window is used up, its socket takes everything, and no answer to a ping comes. */
    @Test
    void readerThatStops_andIsNotHeardAnyMore_isForTheLadderToJudge() throws Exception {
        try (FaultServer server = server(
                        "--registry.watch.heartbeat-timeout=20s",
                        "--registry.watch.client-read-timeout=60s",
                        "--registry.watch.idle-timeout=60s",
                        "--registry.watch.stall-timeout=4s",
                        "--registry.grpc.keepalive-time=1s",
                        "--registry.grpc.tcp-user-timeout=60s");
                TcpRelay relay = new TcpRelay(server.port());
                FaultWatcher watcher = new FaultWatcher(relay.port(), "orders")) {
            server.put("orders", "i", 1, "");
            watcher.connect(false);
            FaultServer.await(() -> watcher.answers() >= 2);
            for (int i = 0; i < 40; i++) {
                server.put("orders", "i", 1, "x".repeat(4 * 1024));
            }
            FaultServer.await(() -> server.stalledStreams() == 1);
            relay.links().forEach(link -> link.blackhole(RelayLink.Way.TO_SERVER));
            FaultServer.await(() -> !server.closes().isEmpty());
            assertThat(server.closes()).isEqualTo(Map.of(CloseCause.SLOW_CONSUMER, 1L));
            awaitNoConnection(server);
        }
    }

    private static void awaitNoConnection(FaultServer server) {
        Awaitility.await()
                .atMost(LET_GO)
                .untilAsserted(() -> assertThat(ServerSockets.of(server.port())).isEmpty());
    }
}
