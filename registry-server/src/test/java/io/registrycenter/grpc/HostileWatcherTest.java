package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.SubscriptionEnded;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.WatchStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A watcher that asks for nonsense gets a clear answer; a neighbour on the same connection never notices; nothing is left. */
class HostileWatcherTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path data;

    private static LiveServer server;

    private ManagedChannel channel = emptyHanded();
    private Conversation<WatchRequest, WatchResponse> neighbour = new Conversation<>();
    private Conversation<WatchRequest, WatchResponse> hostile = new Conversation<>();

    @BeforeAll
    static void start() {
        server = LiveServer.start(data.resolve("data"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ManagedChannel emptyHanded() {
        return server.newChannel();
    }

    @BeforeEach
    void connect() throws InterruptedException {
        Client client = new Client(channel);
        neighbour = client.greetedWatch();
        neighbour.say(Client.subscribe(1, Client.service("calm", "orders"), null));
        neighbour.next(WatchResponse::hasSnapshot);
        hostile = client.greetedWatch();
    }

    @AfterEach
    void neighbourIsServed_andNothingIsLeft() throws InterruptedException {
        Client client = new Client(channel);
        Client.Session session = client.openSession();
        client.register(
                "calm", "orders", Client.instance("i-" + session.opened().getFence()), session.id());
        assertThat(neighbour.next(answer -> answer.getDeltasCount() > 0).getSubscriptionId())
                .isEqualTo(1);
        assertThat(neighbour.hasEnded()).isFalse();

        neighbour.cancel();
        hostile.cancel();
        channel.shutdownNow();
        WatchStats stats = server.bean(Hub.class).stats();
        Awaitility.await().atMost(PATIENCE).until(() -> stats.streams() == 0 && stats.subscriptions() == 0);
        assertThat(server.bean(Hub.class).streams()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1_000_000, Long.MAX_VALUE})
    void acknowledgementNeverAskedFor_endsTheStream(long seq) {
        hostile.say(WatchRequest.newBuilder()
                .setHeartbeatAck(WatchHeartbeatAck.newBuilder().setSeq(seq))
                .build());
        assertThat(hostile.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(hostile.endInfo().getReason()).isEqualTo("INVALID_REQUEST");
        assertThat(hostile.end().getDescription()).contains("heartbeat_ack.seq").contains(Long.toString(seq));
    }

    @Test
    void cursorFromTheFuture_ofAStoreProvenBehind_isASnapshot_thatSaysSo() throws InterruptedException {
        Cursor now = new Client(channel)
                .catalog()
                .listServices(io.registrycenter.proto.v1.ListServicesRequest.newBuilder()
                        .setNamespace("calm")
                        .build())
                .getCursor();
        hostile.say(Client.subscribe(
                7,
                Client.service("calm", "orders"),
                now.toBuilder().setRevision(Long.MAX_VALUE).build()));
        WatchResponse answer = hostile.next(response -> response.getSubscriptionId() == 7);
        assertThat(answer.getSnapshot().getReason())
                .isEqualTo(io.registrycenter.proto.v1.SnapshotReason.SNAPSHOT_REASON_REVISION_AHEAD);
    }

    @Test
    void tenThousandSubscriptions_areServedUpToTheLimit_theRestEndsOneByOne() throws InterruptedException {
        for (int id = 1; id <= 10_000; id++) {
            hostile.say(Client.subscribe(id, Client.service("calm", "service-" + id), null));
        }
        Set<Long> served = new HashSet<>();
        Set<Long> refused = new HashSet<>();
        while (served.size() + refused.size() < 10_000) {
            WatchResponse answer = hostile.next(response -> response.getSubscriptionId() != 0);
            if (answer.hasSubscriptionEnded()) {
                SubscriptionEnded ended = answer.getSubscriptionEnded();
                assertThat(ended.getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_LIMIT_EXCEEDED);
                assertThat(ended.getRetryAfterMs()).isPositive();
                assertThat(ended.getMessage())
                        .contains("subscriptions-per-stream")
                        .contains("1000");
                refused.add(answer.getSubscriptionId());
            } else {
                assertThat(answer.hasSnapshot()).isTrue();
                served.add(answer.getSubscriptionId());
            }
        }
        assertThat(served).hasSize(1_000);
        assertThat(refused).hasSize(9_000);
        assertThat(hostile.hasEnded()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\tb"})
    void interestWithAnIllegalLabel_endsTheSubscription_namingIt(String key) throws InterruptedException {
        hostile.say(Client.subscribe(
                9,
                Interest.newBuilder().setNamespace("calm").putLabels(key, "x").build(),
                null));
        WatchResponse answer = hostile.next(response -> response.getSubscriptionId() == 9);
        assertThat(answer.getSubscriptionEnded().getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_INVALID_REQUEST);
        assertThat(answer.getSubscriptionEnded().getMessage()).contains("labels");
        assertThat(hostile.hasEnded()).isFalse();
    }

    @Test
    void emptyFrame_endsTheStream() {
        hostile.say(WatchRequest.getDefaultInstance());
        assertThat(hostile.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(hostile.endInfo().getReason()).isEqualTo("INVALID_REQUEST");
    }

    @Test
    void bytesThatAreNoRequest_areAnInvalidRequest_andNobodyElsesConcern() throws Exception {
        long before = invalidRequests();
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            peer.greet();
            peer.say(RawPeer.headers(1, WatchServiceGrpc.getWatchMethod().getFullMethodName()));
            peer.say(RawPeer.data(1, RawPeer.message(new byte[] {0, 1, 2}), false));
            Awaitility.await().atMost(PATIENCE).until(() -> invalidRequests() == before + 1);
        }
    }

    private static long invalidRequests() {
        return server.bean(Hub.class).stats().closes(io.registrycenter.catalog.CloseCause.INVALID_REQUEST);
    }

    @Test
    void halfCloseAndCancelAtOnce_leavesNothing() {
        hostile.say(Client.subscribe(1, Client.service("calm", "orders"), null));
        hostile.complete();
        hostile.cancel();
        // Whichever comes first: our end of a completed stream, or its cancellation.
        assertThat(hostile.end().getCode()).isIn(Status.Code.OK, Status.Code.CANCELLED);
    }

    @Test
    void halfCloseBeforeAnything_completes() {
        Conversation<WatchRequest, WatchResponse> silent = new Client(channel).watch();
        silent.complete();
        assertThat(silent.end()).isEqualTo(Status.OK);
    }
}
