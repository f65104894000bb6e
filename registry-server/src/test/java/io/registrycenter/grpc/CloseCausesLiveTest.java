package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.watch.Hub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How connections and streams end on real sockets, and what the server says about it. */
class CloseCausesLiveTest {

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

    @Test
    void connectionWithoutAByte_isAProbe() throws Exception {
        awaitOneMore(() -> connectionCloses(CloseCause.PROBE_CONNECT), () -> {
            try (Socket socket = connect()) {
                assertThat(socket.isConnected()).isTrue();
            }
        });
    }

    @Test
    void HTTP1_isAProtocolMismatch() throws Exception {
        awaitOneMore(() -> connectionCloses(CloseCause.PROTOCOL_MISMATCH), () -> {
            try (Socket socket = connect()) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.setSoTimeout((int) PATIENCE.toMillis());
                socket.getInputStream().readAllBytes();
            }
        });
    }

    @Test
    void cancelledWatch_isClientCancelled() throws Exception {
        awaitOneMore(() -> watchCloses(CloseCause.CLIENT_CANCELLED), () -> {
            Conversation<WatchRequest, WatchResponse> watch = new Client(server.channel()).greetedWatch();
            watch.cancel();
        });
    }

    @Test
    void watchWithADeadline_isClientDeadline() throws Exception {
        awaitOneMore(() -> watchCloses(CloseCause.CLIENT_DEADLINE), () -> {
            Conversation<WatchRequest, WatchResponse> watch = new Conversation<>();
            var unused = WatchServiceGrpc.newStub(server.channel())
                    .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                    .watch(watch);
            watch.say(Client.hello());
            assertThat(watch.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        });
    }

    @Test
    void completedWatch_isClientCompleted() throws Exception {
        awaitOneMore(() -> watchCloses(CloseCause.CLIENT_COMPLETED), () -> {
            Conversation<WatchRequest, WatchResponse> watch = new Client(server.channel()).greetedWatch();
            watch.complete();
            assertThat(watch.end()).isEqualTo(Status.OK);
        });
    }

    @Test
    void connectionThatIsReset_isPeerReset() throws Exception {
        awaitOneMore(() -> watchCloses(CloseCause.PEER_RESET), () -> throughAProxy(true));
    }

    @Test
    void connectionThatIsClosedWithoutAGoodbye_isPeerEof() throws Exception {
        awaitOneMore(() -> watchCloses(CloseCause.PEER_EOF), () -> throughAProxy(false));
    }

    @Test
    void connectionThatNeverSpoke_isClosedForADrain_andSaysSo() throws Exception {
        Map<CloseCause, Counter> closes = new EnumMap<>(CloseCause.class);
        try (LiveServer leaving = LiveServer.start(data.resolve("leaving"));
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), leaving.grpcPort())) {
            assertThat(silent.isConnected()).isTrue();
            await(() -> leaving.bean(GrpcTransport.class).connections().all().size() == 1);
            for (CloseCause cause : CloseCause.values()) {
                closes.put(cause, connectionCloses(leaving, cause));
            }
            leaving.stop();
        }
        closes.values().removeIf(counter -> counter.count() == 0);
        assertThat(closes).containsOnlyKeys(CloseCause.DRAINING);
    }

    @Test
    void afterAllOfThis_nothingIsLeft() throws Exception {
        Conversation<WatchRequest, WatchResponse> watch = new Client(server.channel()).greetedWatch();
        watch.cancel();
        await(() -> server.bean(Hub.class).stats().streams() == 0);
        assertThat(server.bean(Hub.class).stats().subscriptions()).isZero();
        assertThat(server.bean(Hub.class).streams()).isEmpty();
    }

    /** Opens a watch through a proxy that then cuts the server's side. */
    private static void throughAProxy(boolean reset) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket toServer = connect()) {
            ManagedChannel channel = io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder.forAddress(
                            "127.0.0.1", listener.getLocalPort())
                    .usePlaintext()
                    .build();
            Conversation<WatchRequest, WatchResponse> watch = new Client(channel).watch();
            watch.say(Client.hello());
            try (Socket fromClient = listener.accept()) {
                Thread up = pump(fromClient, toServer);
                Thread down = pump(toServer, fromClient);
                watch.next(WatchResponse::hasWelcome);
                if (reset) {
                    toServer.setSoLinger(true, 0);
                }
                cut(toServer);
                cut(fromClient);
                up.join();
                down.join();
            }
            channel.shutdownNow();
        }
    }

    private static void cut(Socket socket) throws IOException {
        socket.close();
    }

    private static Thread pump(Socket from, Socket to) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException cut) {
                // The proxy was cut, which is what it is for.
            }
        });
    }

    private static Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.grpcPort());
    }

    private static long connectionCloses(CloseCause cause) {
        return (long) connectionCloses(server, cause).count();
    }

    private static Counter connectionCloses(LiveServer of, CloseCause cause) {
        return of.bean(MeterRegistry.class)
                .get(Meters.CONNECTION_CLOSES.meterName())
                .tag("cause", cause.name())
                .counter();
    }

    private static long watchCloses(CloseCause cause) {
        return server.bean(Hub.class).stats().closes(cause);
    }

    /** Something that may throw. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static void awaitOneMore(LongSupplier count, Step step) throws Exception {
        long before = count.getAsLong();
        step.run();
        await(() -> count.getAsLong() == before + 1);
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        org.awaitility.Awaitility.await().atMost(PATIENCE).until(condition::getAsBoolean);
    }
}
