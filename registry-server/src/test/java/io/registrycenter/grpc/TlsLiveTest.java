package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.fault.RelayLink;
import io.registrycenter.fault.TcpRelay;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.watch.Hub;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gRPC port with TLS: served as without, ends have the same causes, and what is not TLS leaves with its own. */
class TlsLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ENHANCE_YOUR_CALM = 11;

    @TempDir
    static Path directory;

    private static ServerKeys keys;
    private static LiveServer server;

    @BeforeAll
    static void start() throws Exception {
        keys = new ServerKeys(directory);
        server = LiveServer.start(directory.resolve("data"), keys.settings());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void watchOverTls_isServed_andKnownByItsConnection() throws Exception {
        ManagedChannel channel = channel(server.grpcPort());
        long before = watchCloses(CloseCause.CLIENT_CANCELLED);
        Conversation<WatchRequest, WatchResponse> watch = new Client(channel).greetedWatch();
        assertThat(server.bean(GrpcTransport.class).connections().all()).anySatisfy(connection -> {
            assertThat(connection.evidence().isNegotiated()).isTrue();
            assertThat(connection.streams()).isEqualTo(1);
        });
        watch.cancel();
        await(() -> watchCloses(CloseCause.CLIENT_CANCELLED), before);
        channel.shutdownNow();
    }

    @Test
    void connectionThatIsReset_isPeerReset() throws Exception {
        broken(RelayLink::reset, CloseCause.PEER_RESET);
    }

    @Test
    void connectionThatFinishes_isPeerEof() throws Exception {
        broken(RelayLink::finish, CloseCause.PEER_EOF);
    }

    private static void broken(Consumer<RelayLink> fault, CloseCause cause) throws Exception {
        long before = watchCloses(cause);
        try (TcpRelay relay = new TcpRelay(server.grpcPort())) {
            ManagedChannel channel = channel(relay.port());
            Conversation<WatchRequest, WatchResponse> watch = new Client(channel).greetedWatch();
            relay.links().forEach(fault);
            await(() -> watchCloses(cause), before);
            assertThat(watch.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            channel.shutdownNow();
        }
    }

    @Test
    void plainTextClient_isAProtocolMismatch() throws Exception {
        long before = connectionCloses(CloseCause.PROTOCOL_MISMATCH);
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.greet();
            var unused = peer.untilClosed();
        }
        await(() -> connectionCloses(CloseCause.PROTOCOL_MISMATCH), before);
    }

    @Test
    void clientThatDoesNotTrustTheCertificate_isTlsFailed() throws Exception {
        long before = connectionCloses(CloseCause.TLS_FAILED);
        ManagedChannel distrustful = NettyChannelBuilder.forAddress(
                        "127.0.0.1", server.grpcPort(), TlsChannelCredentials.create())
                .build();
        Conversation<WatchRequest, WatchResponse> watch = new Client(distrustful).watch();
        assertThat(watch.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        await(() -> connectionCloses(CloseCause.TLS_FAILED), before);
        distrustful.shutdownNow();
    }

    @Test
    void pingFlood_isTooManyPings_toldAndCounted() throws Exception {
        long before = connectionCloses(CloseCause.TOO_MANY_PINGS);
        SSLSocket socket = (SSLSocket)
                trusting().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.grpcPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        try (RawPeer peer = new RawPeer(socket)) {
            peer.greet();
            peer.pings(20);
            RawPeer.Goodbye goodbye = Objects.requireNonNull(peer.untilClosed(), "a GOAWAY");
            assertThat(goodbye.errorCode()).isEqualTo(ENHANCE_YOUR_CALM);
        }
        await(() -> connectionCloses(CloseCause.TOO_MANY_PINGS), before);
    }

    private static SSLContext trusting() throws Exception {
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(keys.trusted());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static ManagedChannel channel(int port) throws IOException {
        return NettyChannelBuilder.forAddress(
                        "127.0.0.1",
                        port,
                        TlsChannelCredentials.newBuilder()
                                .trustManager(keys.certificate().toFile())
                                .build())
                .build();
    }

    private static long watchCloses(CloseCause cause) {
        return server.bean(Hub.class).stats().closes(cause);
    }

    private static long connectionCloses(CloseCause cause) {
        return (long) server.bean(MeterRegistry.class)
                .get(Meters.CONNECTION_CLOSES.meterName())
                .tag("cause", cause.name())
                .counter()
                .count();
    }

    private static void await(LongSupplier count, long before) {
        Awaitility.await().atMost(PATIENCE).until(() -> count.getAsLong() == before + 1);
    }
}
