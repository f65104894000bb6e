package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registrycenter.catalog.CloseCause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A network that is gone without a word, seen by the transport alone: the server's own clocks are slower here. */
@Timeout(120)
class LostNetworkTest {

    @TempDir
    Path data;

    @Test
    void pingThatIsNotAnswered_isKeepaliveTimeout_whicheverWayIsDead() throws Exception {
        try (FaultServer server = new FaultServer(
                        data.resolve("data"),
                        "--registry.watch.heartbeat-interval=20s",
                        "--registry.watch.heartbeat-timeout=20s",
                        "--registry.watch.idle-timeout=60s",
                        "--registry.watch.client-read-timeout=60s",
                        "--registry.grpc.keepalive-time=10s",
                        "--registry.grpc.keepalive-timeout=1s",
                        "--registry.grpc.tcp-user-timeout=1m");
                TcpRelay relay = new TcpRelay(server.port());
                FaultWatcher first = new FaultWatcher(relay.port(), "orders");
                FaultWatcher second = new FaultWatcher(relay.port(), "orders")) {
            first.connect(true);
            second.connect(true);
            FaultServer.await(() -> first.answers() >= 2 && second.answers() >= 2);
            relay.links().getFirst().blackhole(RelayLink.Way.TO_SERVER);
            relay.links().getLast().blackhole(RelayLink.Way.TO_CLIENT);
            server.awaitNothingLeft();
            assertThat(server.closes()).isEqualTo(Map.of(CloseCause.KEEPALIVE_TIMEOUT, 2L));
            relay.resetAll();
        }
    }

    @Test
    void dataThatNoKernelAcknowledges_isNetworkLost() throws Exception {
        assumeTrue(
                succeeds("unshare", "-rn", "true"), "needs a network namespace of its own, which is not allowed here");
        assumeTrue(succeeds("ip", "link"), "needs ip(8)");
        Process process = new ProcessBuilder(
                        "unshare",
                        "-rn",
                        "sh",
                        "-c",
                        "ip link set lo up && exec \"$@\"",
                        "sh",
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LostNetwork.class.getName(),
                        data.resolve("data").toString())
                .redirectErrorStream(true)
                .start();
        try {
            // The process has a deadline for each of its steps.
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said.lines().filter(line -> line.startsWith(LostNetwork.ENDED_AS)))
                    .as(said)
                    .containsExactly(LostNetwork.ENDED_AS + Map.of(CloseCause.NETWORK_LOST, 1L));
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
