package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.grpc.CloseEvidence.Opening;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.watch.Hub;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connection that is cut after any number of bytes: the cut is the cause, not what it left half said. */
class CutAnywhereTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path data;

    private static LiveServer server;

    @BeforeAll
    static void start() {
        server = LiveServer.start(data.resolve("data"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** All that a watcher says to get its first answer. */
    private static byte[] request() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes(RawPeer.PREFACE);
        said.writeBytes(RawPeer.frame(4, 0, 0, new byte[0]));
        said.writeBytes(RawPeer.headers(1, WatchServiceGrpc.getWatchMethod().getFullMethodName()));
        said.writeBytes(RawPeer.data(1, RawPeer.message(Client.hello().toByteArray()), false));
        said.writeBytes(RawPeer.data(
                1,
                RawPeer.message(Client.subscribe(1, Client.service("cut", "orders"), null)
                        .toByteArray()),
                false));
        return said.toByteArray();
    }

    @Test
    void connectionThatFinishesAnywhere_isPeerEof() throws Exception {
        byte[] all = request();
        Map<CloseCause, Long> streams = streamCloses();
        for (int length = 1; length <= all.length; length += Proof.times(3, 1)) {
            int said = length;
            onlyCause(CloseCause.PEER_EOF, said, () -> {
                try (RawPeer peer = new RawPeer(server.grpcPort())) {
                    peer.say(Arrays.copyOf(all, said));
                    peer.finish();
                    var unused = peer.untilClosed();
                }
            });
        }
        assertThat(difference(streams, streamCloses())).containsOnlyKeys(CloseCause.PEER_EOF);
        nothingIsLeft();
    }

    @Test
    void connectionThatIsResetAnywhere_isPeerReset() throws Exception {
        byte[] all = request();
        Map<CloseCause, Long> streams = streamCloses();
        for (int length = 1; length <= all.length; length += Proof.times(3, 1)) {
            int said = length;
            onlyCause(CloseCause.PEER_RESET, said, () -> {
                RawPeer peer = new RawPeer(server.grpcPort());
                peer.say(Arrays.copyOf(all, said));
                // What was not read yet may be lost with the reset, and the connection a probe.
                awaitHeard(peer);
                peer.reset();
            });
        }
        assertThat(difference(streams, streamCloses())).containsOnlyKeys(CloseCause.PEER_RESET);
        nothingIsLeft();
    }

    /** Something that may throw. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static void onlyCause(CloseCause cause, int said, Step step) throws Exception {
        Map<CloseCause, Long> before = connectionCloses();
        step.run();
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(PATIENCE)
                .until(() -> !difference(before, connectionCloses()).isEmpty());
        assertThat(difference(before, connectionCloses()))
                .as("cut after %d bytes", said)
                .isEqualTo(Map.of(cause, 1L));
    }

    private static void awaitHeard(RawPeer peer) {
        GrpcConnections connections = server.bean(GrpcTransport.class).connections();
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(PATIENCE)
                .until(() -> connections.all().stream()
                        .filter(open -> Peers.of(open.channel().remoteAddress()).endsWith(":" + peer.localPort()))
                        .anyMatch(CutAnywhereTest::heard));
    }

    private static boolean heard(GrpcConnection connection) {
        return connection.channel().isRegistered()
                && connection
                        .channel()
                        .eventLoop()
                        .submit(() -> connection.evidence().opening() == Opening.EXPECTED)
                        .awaitUninterruptibly()
                        .getNow();
    }

    private static void nothingIsLeft() {
        Hub hub = server.bean(Hub.class);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> hub.stats().streams() == 0
                        && hub.stats().subscriptions() == 0
                        && hub.streams().isEmpty());
    }

    private static Map<CloseCause, Long> streamCloses() {
        Map<CloseCause, Long> counts = new EnumMap<>(CloseCause.class);
        for (CloseCause cause : EnumSet.allOf(CloseCause.class)) {
            counts.put(cause, server.bean(Hub.class).stats().closes(cause));
        }
        return counts;
    }

    private static Map<CloseCause, Long> connectionCloses() {
        Map<CloseCause, Long> counts = new EnumMap<>(CloseCause.class);
        server.bean(MeterRegistry.class)
                .find(Meters.CONNECTION_CLOSES.meterName())
                .counters()
                .forEach(counter -> counts.put(
                        CloseCause.valueOf(String.valueOf(counter.getId().getTag("cause"))), (long) counter.count()));
        return counts;
    }

    private static Map<CloseCause, Long> difference(Map<CloseCause, Long> before, Map<CloseCause, Long> after) {
        Map<CloseCause, Long> more = new EnumMap<>(CloseCause.class);
        after.forEach((cause, count) -> more.put(cause, count - before.getOrDefault(cause, 0L)));
        more.values().removeIf(count -> count == 0);
        return more;
    }
}
