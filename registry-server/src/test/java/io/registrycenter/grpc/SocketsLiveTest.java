package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelOption;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.grpc.CloseEvidence.Opening;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.session.SessionState;
import io.registrycenter.session.SessionStats;
import io.registrycenter.session.Sessions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of the sockets is so on the sockets, and peers that are not what they should be leave with their cause. */
class SocketsLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ENHANCE_YOUR_CALM = 11;

    @TempDir
    static Path data;

    private static LiveServer server;

    @BeforeAll
    static void start() {
        server = LiveServer.start(
                data.resolve("data"),
                "--registry.grpc.keepalive-time=2s",
                "--registry.grpc.keepalive-timeout=1s",
                "--registry.watch.reset-after=500ms");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void acceptedSockets_haveKeepaliveAndUserTimeout() throws Exception {
        Conversation<WatchRequest, WatchResponse> watch = new Client(server.channel()).greetedWatch();
        assertThat(connections().all()).isNotEmpty().allSatisfy(connection -> {
            var options = connection.channel().config();
            assertThat(options.getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
            assertThat(options.getOption(ChannelOption.TCP_NODELAY)).isTrue();
            if (Epoll.isAvailable()) {
                // Asks the kernel, not the configuration.
                assertThat(options.getOption(EpollChannelOption.TCP_USER_TIMEOUT))
                        .isEqualTo(60_000);
            }
        });
        watch.cancel();
    }

    @Test
    void peerThatAnswersNoPing_isKeepaliveTimeout() throws Exception {
        double before = closes(CloseCause.KEEPALIVE_TIMEOUT);
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.greet();
            var unused = peer.untilClosed();
        }
        await(CloseCause.KEEPALIVE_TIMEOUT, before);
    }

    @Test
    void attachStreamWhoseEndDoesNotGetThrough_isResetAlone() throws Exception {
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.greetWithoutWindow();
            peer.say(RawPeer.headers(1, "registrycenter.v1.SessionService/Attach"));
            byte[] open = RawPeer.message(AttachRequest.newBuilder()
                    .setOpen(SessionOpen.getDefaultInstance())
                    .build()
                    .toByteArray());
            peer.say(RawPeer.data(1, open, false));
            SessionStats sessions = server.bean(Sessions.class).stats();
            Awaitility.await().atMost(PATIENCE).until(() -> sessions.count(SessionState.ACTIVE) > 0);
            // The answer to the first waits for the window, and the end for the second behind it.
            peer.say(RawPeer.data(1, open, false));
            RawPeer.Frame frame = peer.next();
            while (frame != null && (frame.stream() != 1 || frame.type() != RawPeer.RST_STREAM)) {
                assertThat(frame.ends()).isFalse();
                frame = peer.next();
            }
            assertThat(frame).as("the connection goes on").isNotNull();
        }
    }

    /** Most clients show their calls nothing of a GOAWAY. */
    @Test
    void pingFlood_endsTheCallsWithAStatus_beforeTheGoaway() throws Exception {
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.greet();
            peer.say(RawPeer.headers(1, "registrycenter.v1.WatchService/Watch"));
            peer.say(RawPeer.data(1, RawPeer.message(Client.hello().toByteArray()), false));
            RawPeer.Frame frame = peer.next();
            while (frame != null && (frame.stream() != 1 || frame.type() != RawPeer.DATA)) {
                frame = peer.next();
            }
            peer.pings(20);
            List<String> said = new ArrayList<>();
            for (frame = peer.next(); frame != null; frame = peer.next()) {
                if (frame.ends()) {
                    said.add("end of " + frame.stream());
                } else if (frame.type() == RawPeer.GOAWAY) {
                    said.add("GOAWAY");
                }
            }
            assertThat(said).containsExactly("end of 1", "GOAWAY");
        }
    }

    @Test
    void pingFlood_isTooManyPings_toldAndCounted() throws Exception {
        double before = closes(CloseCause.TOO_MANY_PINGS);
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.greet();
            peer.pings(20);
            RawPeer.Goodbye goodbye = Objects.requireNonNull(peer.untilClosed(), "a GOAWAY");
            assertThat(goodbye.errorCode()).isEqualTo(ENHANCE_YOUR_CALM);
            assertThat(goodbye.debugData()).isEqualTo("too_many_pings");
        }
        await(CloseCause.TOO_MANY_PINGS, before);
    }

    static Stream<Arguments> foreignBytes() {
        byte[] garbage = new byte[4_096];
        new Random(7).nextBytes(garbage);
        byte[] almost = Arrays.copyOf(RawPeer.PREFACE, RawPeer.PREFACE.length);
        almost[20] = 'X';
        return Stream.of(
                Arguments.of("HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
                Arguments.of("TLS", new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0}),
                Arguments.of("garbage", garbage),
                Arguments.of("almost a preface", almost));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("foreignBytes")
    void foreignBytes_areAProtocolMismatch_andTheConnectionIsClosed(String what, byte[] bytes) throws Exception {
        double before = closes(CloseCause.PROTOCOL_MISMATCH);
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.say(bytes);
            var unused = peer.untilClosed();
            Awaitility.await().atMost(PATIENCE).until(() -> opening(peer) == null);
        }
        await(CloseCause.PROTOCOL_MISMATCH, before);
    }

    @Test
    void prefaceInPieces_isUnderstood() throws Exception {
        double before = closes(CloseCause.PROTOCOL_MISMATCH);
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.say(Arrays.copyOf(RawPeer.PREFACE, 2));
            Awaitility.await().atMost(PATIENCE).until(() -> opening(peer) == Opening.EXPECTED);
            peer.say(Arrays.copyOfRange(RawPeer.PREFACE, 2, RawPeer.PREFACE.length));
            peer.pings(1);
            Awaitility.await().atMost(PATIENCE).until(() -> opening(peer) == null);
        }
        assertThat(closes(CloseCause.PROTOCOL_MISMATCH)).isEqualTo(before);
    }

    /** How a peer began to speak; null: its connection is gone. */
    private static @Nullable Opening opening(RawPeer peer) {
        return connections().all().stream()
                .filter(open -> Peers.of(open.channel().remoteAddress()).endsWith(":" + peer.localPort()))
                .map(open -> open.channel()
                        .eventLoop()
                        .submit(() -> open.evidence().opening())
                        .awaitUninterruptibly()
                        .getNow())
                .findFirst()
                .orElse(null);
    }

    private static GrpcConnections connections() {
        return server.bean(GrpcTransport.class).connections();
    }

    private static double closes(CloseCause cause) {
        return server.bean(MeterRegistry.class)
                .get(Meters.CONNECTION_CLOSES.meterName())
                .tag("cause", cause.name())
                .counter()
                .count();
    }

    private static void await(CloseCause cause, double before) {
        Awaitility.await().atMost(PATIENCE).until(() -> closes(cause) == before + 1);
    }
}
