package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heartbeats that are written but held back by the client's own windows: it is slow, not dead, whatever holds them. */
class ClosedWindowTest {

    /** Less than the transport queues before it says that it is not ready. */
    private static final int QUEUED_BYTES = 20 * 1024;

    @TempDir
    Path data;

    private FaultServer server() {
        return new FaultServer(
                data.resolve("data"),
                "--registry.watch.heartbeat-timeout=400ms",
                "--registry.watch.stall-timeout=2s",
                "--registry.grpc.keepalive-time=60s",
                "--registry.grpc.tcp-user-timeout=60s");
    }

    @Test
    void readerThatStops_withItsFlowControlWindowUsedUp_endsAsSlowConsumer() {
        try (FaultServer server = server();
                FaultWatcher watcher = new FaultWatcher(server.port(), "orders")) {
            server.put("orders", "i", 1, "");
            watcher.connect(false);
            FaultServer.await(() -> watcher.answers() == 2);
            // 64 KiB fill the window, the rest stays here.
            for (int sent = 0; sent < 64 * 1024 + QUEUED_BYTES; sent += 4 * 1024) {
                server.put("orders", "i", 1, "x".repeat(4 * 1024));
            }
            FaultServer.await(() -> !server.closes().isEmpty());
            assertThat(server.closes()).containsOnlyKeys(CloseCause.SLOW_CONSUMER);
        }
    }

    @Test
    void peerThatStopsReadingItsSocket_withItsTcpWindowClosed_endsAsSlowConsumer() throws Exception {
        try (FaultServer server = server();
                TcpRelay relay = new TcpRelay(server.port());
                FaultWatcher watcher = new FaultWatcher(relay.port(), "orders")) {
            server.put("orders", "i", 1, "");
            watcher.connect(true);
            FaultServer.await(() -> watcher.answers() >= 2);
            relay.links().forEach(RelayLink::stopReading);
            // Less than the flow control window, more than the sockets of the relay hold: the kernel here has the rest.
            for (int sent = 0; sent < 56 * 1024; sent += 4 * 1024) {
                server.put("orders", "i", 1, "x".repeat(4 * 1024));
            }
            FaultServer.await(() -> !server.closes().isEmpty());
            assertThat(server.closes()).containsOnlyKeys(CloseCause.SLOW_CONSUMER);
        }
    }

    @Test
    void clientThatReadsButIsSilent_endsByTheHeartbeat() throws Exception {
        try (FaultServer server = server();
                TcpRelay relay = new TcpRelay(server.port());
                FaultWatcher watcher = new FaultWatcher(relay.port(), "orders")) {
            server.put("orders", "i", 1, "");
            watcher.connect(true);
            FaultServer.await(() -> watcher.answers() >= 2);
            relay.links().forEach(link -> link.blackhole(RelayLink.Way.TO_SERVER));
            // Less than the flow control window, which nothing of the client opens any more.
            for (int i = 0; i < 8; i++) {
                server.put("orders", "i", 1, "x".repeat(4 * 1024));
            }
            FaultServer.await(() -> !server.closes().isEmpty());
            assertThat(server.closes()).containsOnlyKeys(CloseCause.HEARTBEAT_TIMEOUT);
        }
    }
}
