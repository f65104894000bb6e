package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.SpokenRegistry.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.RegistryClientBuilder;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.internal.link.ChannelFactory;
import io.registrycenter.client.internal.link.NameLookup;
import io.registrycenter.client.internal.link.NettyChannels;
import io.registrycenter.client.internal.link.SystemTiming;
import io.registrycenter.proto.v1.Drain;
import io.registrycenter.proto.v1.WatchResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every cause a client can see is provoked over a real socket, and is what the client reports: to its listener, and to the server
 * on its next stream. What a server sees of its streams' ends is the server's to show.
 */
@Timeout(60)
class CloseCausesReportedTest {

    /** Causes that no client sees. */
    private static final Set<CloseCause> NOT_SEEN_HERE = EnumSet.of(
            // Its own: a cancel is not reported as an end, and who only probes has no stream.
            CloseCause.CLIENT_CANCELLED,
            CloseCause.PROBE_CONNECT,
            // Inferred.
            CloseCause.INTERMEDIARY_IDLE,
            CloseCause.INTERMEDIARY_RESTART,
            CloseCause.NAT_EXPIRED,
            CloseCause.CLIENT_PROCESS_DIED,
            CloseCause.STALE_CONNECTION,
            // What is left when nothing was seen.
            CloseCause.UNKNOWN);

    private static final Duration SOON = Duration.ofSeconds(2);

    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final byte[] HANDSHAKE_FAILURE = {21, 3, 3, 0, 2, 2, 40};

    private final Reports reports = new Reports();
    private SpokenRegistry registry;
    private CutRelay relay;

    private static final class Reports implements LinkListener {
        final BlockingQueue<Connected> connected = new LinkedBlockingQueue<>();
        final BlockingQueue<DisconnectReport> lost = new LinkedBlockingQueue<>();
        final BlockingQueue<DisconnectReport> failed = new LinkedBlockingQueue<>();

        @Override
        public void onConnected(Connected event) {
            connected.add(event);
        }

        @Override
        public void onDisconnected(DisconnectReport report) {
            lost.add(report);
        }

        @Override
        public void onAttemptFailed(DisconnectReport report) {
            failed.add(report);
        }
    }

    /** Something that may throw. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    @BeforeEach
    void start() throws IOException {
        registry = new SpokenRegistry();
        relay = new CutRelay(registry.port());
    }

    @AfterEach
    void stop() throws IOException {
        relay.close();
        registry.close();
    }

    static Set<CloseCause> seenHere() {
        return EnumSet.complementOf(EnumSet.copyOf(NOT_SEEN_HERE));
    }

    /** A new cause does not compile until it is said how it comes about. */
    @ParameterizedTest
    @MethodSource("seenHere")
    void cause_provoked_isReported(CloseCause cause) throws Exception {
        switch (cause) {
            case DRAINING, MAX_AGE -> asked(cause);
            case SLOW_CONSUMER,
                    HEARTBEAT_TIMEOUT,
                    IDLE_TIMEOUT,
                    SERVER_BEHIND,
                    KICKED,
                    DRAIN_FORCED,
                    SERVER_FAULT,
                    LIMIT_EXCEEDED,
                    INVALID_REQUEST,
                    DENIED -> told(cause);
            case FENCED, SESSION_EXPIRED -> toldOfTheSession(cause);
            case CLIENT_COMPLETED -> goodbye();
            case CLIENT_DEADLINE ->
                watchLost(cause, () -> registry.watch().onError(Status.DEADLINE_EXCEEDED.asRuntimeException()));
            case READ_TIMEOUT -> watchLost(cause, () -> {});
            case PEER_RESET -> watchLost(cause, () -> relay.reset());
            case PEER_EOF -> watchLost(cause, () -> relay.finish());
            case HTTP2_ERROR -> watchLost(cause, () -> relay.say(frame(PING, new byte[3])));
            case TOO_MANY_PINGS -> watchLost(cause, this::tooManyPings);
            case KEEPALIVE_TIMEOUT -> nobodyAnswersPings();
            case CLIENT_FAULT -> cannotBegin();
            case CONNECT_REFUSED -> refused();
            case CONNECT_TIMEOUT -> attemptFails(cause, false, new byte[0]);
            case PROTOCOL_MISMATCH ->
                attemptFails(cause, false, "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            case TLS_FAILED -> attemptFails(cause, true, HANDSHAKE_FAILURE);
            case NETWORK_LOST -> {
                assumeTrue(UnreachableNetwork.possible(), "needs a network namespace of its own, not allowed here");
                assertThat(UnreachableNetwork.run()).isEqualTo(cause.name());
            }
            case CLIENT_CANCELLED,
                    PROBE_CONNECT,
                    INTERMEDIARY_IDLE,
                    INTERMEDIARY_RESTART,
                    NAT_EXPIRED,
                    CLIENT_PROCESS_DIED,
                    STALE_CONNECTION,
                    UNKNOWN -> throw new IllegalArgumentException(cause + " is not seen here");
        }
    }

    // --- a live watch is lost

    private void watchLost(CloseCause cause, Step step) throws Exception {
        Duration readTimeout = cause == CloseCause.READ_TIMEOUT ? Duration.ofMillis(500) : Duration.ofSeconds(90);
        try (RegistryClient client =
                client(relay.port()).readTimeout(readTimeout).build()) {
            client.watch("orders", new RecordingListener());
            next(reports.connected);
            assertThat(next(registry.hellos).hasPreviousClose()).isFalse();
            step.run();
            DisconnectReport report = next(reports.lost);
            assertReport(report, StreamKind.WATCH, cause, DisconnectReport.Phase.LIVE);
            assertThat(report.streamId()).as("its name at the server").isEqualTo("stream-1");
            assertThat(report.retries()).isTrue();
            if (cause.advice() == CloseCause.Advice.STOP) {
                assertThat(report.nextAttemptIn())
                        .as("somebody has to mend this first")
                        .isGreaterThan(SOON);
            } else {
                var previous = next(registry.hellos).getPreviousClose();
                assertThat(previous.getCause().name()).isEqualTo("CLOSE_CAUSE_" + cause);
                assertThat(previous.getStreamId()).isEqualTo("stream-1");
            }
        }
    }

    private interface ToChannels {
        ChannelFactory of(ClientSettings settings, OwnThreads threads);
    }

    /** A client that makes its channels in another way, and is otherwise as any. */
    private void withChannels(ToChannels channels, Step step) throws Exception {
        ClientSettings settings = new ClientSettings(
                List.of("127.0.0.1:" + relay.port()),
                "test",
                "",
                "default",
                false,
                Duration.ofSeconds(90),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ZERO,
                null);
        OwnThreads threads = new OwnThreads("registry-client-machine");
        try (SystemTiming timing = new SystemTiming(threads);
                RegistryClient client = Clients.open(
                        settings,
                        reports,
                        Runnable::run,
                        new Clients.World(
                                timing,
                                channels.of(settings, threads),
                                () -> 0,
                                () -> "token",
                                InstantSource.system(),
                                Runnable::run))) {
            client.watch("orders", new RecordingListener());
            step.run();
        }
    }

    /** The shortest times gRPC allows. */
    private void nobodyAnswersPings() throws Exception {
        withChannels(
                (settings, threads) -> new NettyChannels(
                        settings, threads, NameLookup.SYSTEM, Duration.ofSeconds(10), Duration.ofMillis(500)),
                () -> {
                    next(reports.connected);
                    relay.silence();
                    assertReport(
                            next(reports.lost),
                            StreamKind.WATCH,
                            CloseCause.KEEPALIVE_TIMEOUT,
                            DisconnectReport.Phase.LIVE);
                });
    }

    /** The first channel cannot be made; the next one can, and the server is told. */
    private void cannotBegin() throws Exception {
        withChannels((settings, threads) -> new FailsOnce(new NettyChannels(settings, threads)), () -> {
            assertReport(
                    next(reports.failed), StreamKind.WATCH, CloseCause.CLIENT_FAULT, DisconnectReport.Phase.CONNECTING);
            assertThat(next(registry.hellos).getPreviousClose().getCause().name())
                    .isEqualTo("CLOSE_CAUSE_CLIENT_FAULT");
        });
    }

    private static final class FailsOnce implements ChannelFactory {
        private final ChannelFactory channels;
        private boolean failed;

        FailsOnce(ChannelFactory channels) {
            this.channels = channels;
        }

        @Override
        public ManagedChannel open(String target) {
            if (!failed) {
                failed = true;
                throw new IllegalStateException("no channel this time");
            }
            return channels.open(target);
        }

        @Override
        public void close(long timeoutNanos) throws InterruptedException {
            channels.close(timeoutNanos);
        }
    }

    private void told(CloseCause cause) throws Exception {
        Status.Code code = switch (cause) {
            case SLOW_CONSUMER, LIMIT_EXCEEDED -> Status.Code.RESOURCE_EXHAUSTED;
            case INVALID_REQUEST -> Status.Code.INVALID_ARGUMENT;
            case DENIED -> Status.Code.PERMISSION_DENIED;
            case SERVER_FAULT -> Status.Code.INTERNAL;
            default -> Status.Code.UNAVAILABLE;
        };
        watchLost(cause, () -> registry.watch().onError(Errors.of(code, cause.name())));
    }

    /** The old stream ends before the new one is there. */
    private void asked(CloseCause cause) throws Exception {
        watchLost(cause, () -> {
            StreamObserver<WatchResponse> watch = registry.watch();
            watch.onNext(WatchResponse.newBuilder()
                    .setDrain(Drain.newBuilder()
                            .setCause(io.registrycenter.proto.v1.CloseCause.valueOf("CLOSE_CAUSE_" + cause))
                            .setReconnectAfterMs(500))
                    .build());
            watch.onError(Errors.of(Status.Code.UNAVAILABLE, cause.name()));
        });
    }

    /** As a server does it: the streams that are there are left, until the connection ends. */
    private void tooManyPings() throws Exception {
        byte[] text = "too_many_pings".getBytes(StandardCharsets.US_ASCII);
        byte[] goaway = new byte[8 + text.length];
        goaway[0] = 0x7f;
        goaway[1] = goaway[2] = goaway[3] = (byte) 0xff;
        goaway[7] = ENHANCE_YOUR_CALM;
        System.arraycopy(text, 0, goaway, 8, text.length);
        relay.say(frame(GOAWAY, goaway));
        relay.finish();
    }

    /** HTTP/2, of the connection. */
    private static byte[] frame(int type, byte[] payload) {
        byte[] frame = new byte[9 + payload.length];
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        System.arraycopy(payload, 0, frame, 9, payload.length);
        return frame;
    }

    // --- a live session is lost

    private void toldOfTheSession(CloseCause cause) throws Exception {
        try (RegistryClient client = client(relay.port()).build()) {
            client.register("orders", Instance.builder("a").build());
            next(reports.connected);
            registry.session()
                    .onError(Errors.of(
                            cause == CloseCause.FENCED ? Status.Code.ABORTED : Status.Code.NOT_FOUND, cause.name()));
            assertReport(next(reports.lost), StreamKind.SESSION, cause, DisconnectReport.Phase.LIVE);
        }
    }

    private void goodbye() throws Exception {
        try (RegistryClient client = client(relay.port()).build()) {
            client.register("orders", Instance.builder("a").build());
            next(reports.connected);
        }
        assertReport(next(reports.lost), StreamKind.SESSION, CloseCause.CLIENT_COMPLETED, DisconnectReport.Phase.LIVE);
    }

    // --- an attempt fails

    private void refused() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (RegistryClient client = client(port).build()) {
            client.watch("orders", new RecordingListener());
            assertReport(
                    next(reports.failed),
                    StreamKind.WATCH,
                    CloseCause.CONNECT_REFUSED,
                    DisconnectReport.Phase.CONNECTING);
        }
    }

    /** Somebody answers the first bytes with these, and says nothing more. */
    private void attemptFails(CloseCause cause, boolean tls, byte[] answer) throws Exception {
        Duration connectTimeout = cause == CloseCause.CONNECT_TIMEOUT ? Duration.ofMillis(500) : Duration.ofSeconds(10);
        try (ServerSocket listening = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                RegistryClient client = client(listening.getLocalPort())
                        .tls(tls)
                        .connectTimeout(connectTimeout)
                        .build()) {
            client.watch("orders", new RecordingListener());
            try (Socket accepted = listening.accept()) {
                assertThat(accepted.getInputStream().read()).isNotEqualTo(-1);
                accepted.getOutputStream().write(answer);
                assertReport(next(reports.failed), StreamKind.WATCH, cause, DisconnectReport.Phase.CONNECTING);
            }
        }
    }

    // --- what is said in all cases

    private RegistryClientBuilder client(int port) {
        return RegistryClient.builder().target("127.0.0.1:" + port).name("test").onLink(reports);
    }

    private static void assertReport(
            DisconnectReport report, StreamKind kind, CloseCause cause, DisconnectReport.Phase phase) {
        assertThat(report.cause()).as("%s", report).isEqualTo(cause);
        assertThat(report.stream()).isEqualTo(kind);
        assertThat(report.phase()).isEqualTo(phase);
        assertThat(report.expected()).isEqualTo(cause.expected());
        assertThat(report.origin()).isEqualTo(cause.origin());
        assertThat(report.advice()).isEqualTo(cause.advice());
        assertThat(report.detail().isEmpty()).isEqualTo(cause == CloseCause.CLIENT_COMPLETED);
        assertThat(report.idle()).isLessThanOrEqualTo(report.age());
        assertThat(report.toString()).contains(cause.name());
    }
}
