package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.fault.RelayLink;
import io.registrycenter.fault.TcpRelay;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.watch.Hub;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a connection ends, every buffer that came in on it is released: at the server, and at a client that stopped reading. */
class BufferLeaksLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SERVER_THREADS = "registry-grpc";
    private static final String CLIENT_THREADS = "grpc-";

    /** In the settings a client sends: how much the server may send on a stream. */
    private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};

    /** More refusals than the transport queues before it is full. */
    private static final int REQUESTS = 800;

    @TempDir
    Path data;

    @Test
    void aServerReleasesWhatItReceived_howeverAConnectionEnds() throws Exception {
        try (BufferLeaks.Watch leaks = BufferLeaks.watch();
                LiveServer server = LiveServer.start(data, "--registry.grpc.max-connections=2")) {
            for (int times = 0; times < Proof.times(1, 10); times++) {
                cutAnywhere(server);
                resetWithRequestsUnread(server);
                foreign(server);
                turnedAway(server);
            }
            await(() -> connections(server).all().isEmpty());
            assertThat(server.bean(Hub.class).stats().closes(CloseCause.UNKNOWN))
                    .as("ends without a cause")
                    .isZero();
            assertThat(leaks.madeOn(SERVER_THREADS)).isEmpty();
        }
    }

    /** Between two bytes of every part of a request: by the end of the connection, by a reset of it, and of the stream. */
    private static void cutAnywhere(LiveServer server) throws Exception {
        byte[] all = request(new byte[0], 2);
        for (int length = 1; length <= all.length; length += 11) {
            byte[] said = Arrays.copyOf(all, length);
            try (RawPeer peer = roomFor(server)) {
                peer.say(said);
                peer.finish();
                var unused = peer.untilClosed();
            }
            try (RawPeer peer = roomFor(server)) {
                peer.say(said);
                peer.reset();
            }
        }
        try (RawPeer peer = roomFor(server)) {
            peer.say(all);
            peer.say(RawPeer.reset(1, 8));
            peer.finish();
            var unused = peer.untilClosed();
        }
    }

    /** Who does not read our answers is not read either: what it said by then waits in the transport. */
    private static void resetWithRequestsUnread(LiveServer server) throws Exception {
        for (boolean stream : new boolean[] {true, false}) {
            try (RawPeer peer = roomFor(server)) {
                peer.say(request(NO_WINDOW, REQUESTS));
                await(() -> connections(server).all().stream().anyMatch(one -> one.streams() == 1));
                if (stream) {
                    peer.say(RawPeer.reset(1, 8));
                }
                peer.reset();
            }
        }
    }

    private static void foreign(LiveServer server) throws Exception {
        for (String start :
                new String[] {"GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot a frame of HTTP/2"}) {
            try (RawPeer peer = roomFor(server)) {
                peer.say(start.getBytes(StandardCharsets.US_ASCII));
                var unused = peer.untilClosed();
            }
        }
    }

    /** One that goes on talking after it was told to go. */
    private static void turnedAway(LiveServer server) throws Exception {
        try (RawPeer one = roomFor(server);
                RawPeer other = roomFor(server)) {
            one.greet();
            other.greet();
            await(() -> connections(server).open().size() == 2);
            try (RawPeer peer = new RawPeer(server.grpcPort())) {
                peer.say(request(new byte[0], 2));
                assertThat(peer.untilGoodbye()).isNotNull();
                peer.say(RawPeer.data(1, RawPeer.message(Client.hello().toByteArray()), false));
                peer.finish();
                var unused = peer.untilClosed();
            }
        }
    }

    /**
     * What gRPC does not do by itself: see the decision on unread answers. Without the reading the call never ends, and its
     * buffers are lost.
     */
    @Test
    void aClientReleasesWhatItDidNotRead_whenItCancelsAndReads_alsoAfterItsConnectionIsGone() throws Exception {
        try (BufferLeaks.Watch leaks = BufferLeaks.watch();
                LiveServer server = LiveServer.start(data)) {
            unreadAnswers(server);
            assertThat(leaks.madeOn(CLIENT_THREADS)).isEmpty();
        }
    }

    private static void unreadAnswers(LiveServer server) throws Exception {
        try (TcpRelay relay = new TcpRelay(server.grpcPort())) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", relay.port())
                    .usePlaintext()
                    .build();
            Conversation<WatchRequest, WatchResponse> watch = new Conversation<>(false);
            var unused = WatchServiceGrpc.newStub(channel).watch(watch);
            watch.say(Client.hello());
            assertThat(watch.next().hasWelcome()).isTrue();
            // Its heartbeats are not read.
            relay.links().getFirst().finishAfter(RelayLink.Way.TO_CLIENT, 200);
            await(() -> channel.getState(false) != ConnectivityState.READY);
            assertThat(watch.hasEnded())
                    .as("the end waits behind what was not read")
                    .isFalse();
            watch.cancel();
            assertThat(watch.end()).isNotNull();
            channel.shutdownNow();
        }
    }

    /** All that a watcher says who asks often for what it cannot have. */
    private static byte[] request(byte[] settings, int subscribes) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes(RawPeer.PREFACE);
        said.writeBytes(RawPeer.frame(4, 0, 0, settings));
        said.writeBytes(RawPeer.headers(1, WatchServiceGrpc.getWatchMethod().getFullMethodName()));
        said.writeBytes(RawPeer.data(1, RawPeer.message(Client.hello().toByteArray()), false));
        for (int id = 1; id <= subscribes; id++) {
            WatchRequest subscribe = Client.subscribe(id, Interest.getDefaultInstance(), null);
            said.writeBytes(RawPeer.data(1, RawPeer.message(subscribe.toByteArray()), false));
        }
        return said.toByteArray();
    }

    /** A peer that is served: those before it are gone. */
    private static RawPeer roomFor(LiveServer server) throws Exception {
        await(() -> connections(server).limit().servedNow() < 2
                && connections(server).limit().turnedAwayNow() == 0);
        return new RawPeer(server.grpcPort());
    }

    private static GrpcConnections connections(LiveServer server) {
        return server.bean(GrpcTransport.class).connections();
    }

    private static void await(BooleanSupplier condition) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(PATIENCE)
                .until(condition::getAsBoolean);
    }
}
