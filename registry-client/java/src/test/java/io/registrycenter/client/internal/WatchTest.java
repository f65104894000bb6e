package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.part;
import static io.registrycenter.client.internal.Frames.put;
import static io.registrycenter.client.internal.Frames.removal;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a watch makes of the frames of a server. */
class WatchTest {

    private final FakeWorld world = new FakeWorld();
    private final RecordingListener listener = new RecordingListener();
    private final Watch watch = world.client.watch("orders", listener);

    @AfterEach
    void close() {
        world.close();
    }

    private Peer<WatchRequest, WatchResponse> peer() {
        return world.server().watch();
    }

    /** The number of the newest subscription on the newest stream. */
    private long id() {
        return peer().said().stream()
                .filter(WatchRequest::hasSubscribe)
                .mapToLong(request -> request.getSubscribe().getSubscriptionId())
                .max()
                .orElseThrow();
    }

    private void synced(long revision, String... ids) {
        peer().send(welcome());
        io.registrycenter.proto.v1.Instance[] instances = List.of(ids).stream()
                .map(id -> instance(id, revision))
                .toArray(io.registrycenter.proto.v1.Instance[]::new);
        peer().send(snapshot(id(), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, revision), instances));
        listener.take();
    }

    private List<String> ids() {
        return watch.instances().stream().map(Instance::id).toList();
    }

    @Test
    void subscribe_first_goesWithHelloBeforeWelcome() {
        assertThat(peer().said()).hasSize(2);
        assertThat(peer().said().get(0).hasHello()).isTrue();
        assertThat(peer().said().get(0).getHello().getReadTimeoutMs()).isEqualTo(90_000);
        assertThat(peer().said().get(1).getSubscribe().hasCursor()).isFalse();
        assertThat(watch.view().stale()).isTrue();
        assertThat(watch.instances()).isEmpty();
    }

    @Test
    void snapshot_parts_appliedWholeWithTheLast() {
        peer().send(welcome());
        peer().send(part(
                id(),
                SnapshotReason.SNAPSHOT_REASON_INITIAL,
                cursor(EPOCH, 7),
                0,
                false,
                2,
                List.of(instance("b", 5))));
        assertThat(watch.instances()).isEmpty();
        assertThat(watch.synced().toCompletableFuture()).isNotDone();

        peer().send(part(
                id(), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 7), 1, true, 2, List.of(instance("a", 6))));

        assertThat(ids()).containsExactly("a", "b");
        assertThat(listener.take()).containsExactly("snapshot INITIAL", "+b@5", "+a@6");
        assertThat(watch.synced().toCompletableFuture()).isCompletedWithValue(new Cursor(EPOCH, 7));
        assertThat(watch.view().stale()).isFalse();
        assertThat(world.connected).hasSize(1);
        assertThat(world.connected.get(0).resumed()).isFalse();
        assertThat(world.connected.get(0).node()).isEqualTo("node-1");
    }

    @Test
    void snapshot_totalDisagrees_resync() {
        peer().send(welcome());
        peer().send(part(
                id(), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 7), 0, true, 3, List.of(instance("a", 5))));

        assertThat(watch.instances()).isEmpty();
        assertThat(watch.resyncs()).isEqualTo(1);
        assertThat(peer().last().getSubscribe().hasCursor()).isFalse();
    }

    @Test
    void delta_chained_told() {
        synced(7, "a");

        peer().send(deltas(
                id(),
                delta(3, 9, put(instance("b", 9))),
                delta(9, 12, removal("a", RemovalReason.REMOVAL_REASON_SESSION_EXPIRED))));

        assertThat(ids()).containsExactly("b");
        assertThat(listener.take()).containsExactly("+b@9", "-a@12 SESSION_EXPIRED");
        assertThat(watch.view().cursor()).isEqualTo(new Cursor(EPOCH, 12));
    }

    @Test
    void delta_oldOrTwice_skipped() {
        synced(7, "a");
        WatchResponse nine = deltas(id(), delta(7, 9, put(instance("b", 9))));
        peer().send(nine);
        peer().send(nine);
        peer().send(deltas(id(), delta(2, 5, removal("a", RemovalReason.REMOVAL_REASON_DEREGISTERED))));

        assertThat(listener.take()).containsExactly("+b@9");
        assertThat(ids()).containsExactly("a", "b");
    }

    @Test
    void delta_gap_resyncKeepsTheView() {
        synced(7, "a");
        long before = id();

        peer().send(deltas(id(), delta(8, 9, put(instance("b", 9)))));

        assertThat(watch.resyncs()).isEqualTo(1);
        assertThat(ids()).containsExactly("a");
        assertThat(watch.view().stale()).isTrue();
        assertThat(peer().said().stream().filter(WatchRequest::hasUnsubscribe)).hasSize(1);
        assertThat(id()).isGreaterThan(before);
        assertThat(peer().last().getSubscribe().hasCursor()).isFalse();

        peer().send(snapshot(
                id(), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 9), instance("a", 7), instance("b", 9)));
        assertThat(listener.take()).containsExactly("snapshot INITIAL", "+b@9");
        assertThat(watch.view().stale()).isFalse();
    }

    @Test
    void delta_coalescedRemovalOfUnknown_ignored() {
        synced(7, "a");

        Delta coalesced = delta(
                        5,
                        20,
                        removal("never-had", RemovalReason.REMOVAL_REASON_DEREGISTERED),
                        put(instance("a", 7)),
                        put(instance("c", 18)))
                .toBuilder()
                .setCoalesced(true)
                .build();
        peer().send(deltas(id(), coalesced));

        assertThat(listener.take()).containsExactly("+c@18");
        assertThat(listener.steps.get(listener.steps.size() - 1).coalesced()).isTrue();
        assertThat(watch.view().cursor()).isEqualTo(new Cursor(EPOCH, 20));
    }

    @Test
    void heartbeat_stream_movesAnsweredOnlyAndIsAcknowledged() {
        synced(7, "a");
        Watch second = world.client.watch("payments", new RecordingListener());

        peer().send(heartbeat(0, 41, cursor(EPOCH, 30)));

        assertThat(watch.view().cursor()).isEqualTo(new Cursor(EPOCH, 30));
        assertThat(second.view().cursor()).isNull();
        assertThat(peer().last().getHeartbeatAck().getSeq()).isEqualTo(41);
        assertThat(peer().last().getHeartbeatAck().getApplied()).isEqualTo(cursor(EPOCH, 30));

        peer().send(heartbeat(0, 42, cursor(EPOCH, 20)));
        assertThat(watch.view().cursor()).as("never below").isEqualTo(new Cursor(EPOCH, 30));
    }

    @Test
    void hello_afterFailedAttempts_tellsOfTheStreamThatWasLiveAndOnlyOnce() {
        synced(7, "a");
        peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        world.pass(world.report().nextAttemptIn());
        peer().fail(Errors.of(io.grpc.Status.Code.UNAVAILABLE, "DRAINING"));
        world.pass(world.report().nextAttemptIn());

        assertThat(peer().said().get(0).getHello().getPreviousClose().getStreamId())
                .isEqualTo("stream-1");
        assertThat(peer().said().get(0).getHello().getPreviousClose().getCause())
                .isEqualTo(io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_PEER_EOF);
        peer().send(welcome());
        peer().send(heartbeat(id(), 0, cursor(EPOCH, 7)));
        peer().send(Frames.draining(0));
        world.pass(Duration.ZERO);
        assertThat(peer().said().get(0).getHello().hasPreviousClose())
                .as("moved")
                .isFalse();
    }

    @Test
    void hello_isAnsweredWithWhatTheServerKnowsOfTheEnd_whichIsTold() {
        synced(7, "a");
        peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        assertThat(world.report().cause()).isEqualTo(CloseCause.PEER_EOF);
        world.pass(world.report().nextAttemptIn());
        peer().send(welcomeAfter(
                "stream-1", io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_SLOW_CONSUMER, "data waited"));

        assertThat(world.explained).singleElement().satisfies(report -> {
            assertThat(report.streamId()).isEqualTo("stream-1");
            assertThat(report.cause()).isEqualTo(CloseCause.SLOW_CONSUMER);
            assertThat(report.detail()).isEqualTo("data waited");
            assertThat(report.wasLive()).isTrue();
        });
    }

    @Test
    void hello_answeredWithTheCauseThatWasSeen_orOfAnotherStream_isNoNews() {
        synced(7, "a");
        peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        world.pass(world.report().nextAttemptIn());
        peer().send(welcomeAfter("stream-1", io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_PEER_EOF, ""));
        peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        world.pass(world.report().nextAttemptIn());
        peer().send(welcomeAfter("stream-0", io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_SLOW_CONSUMER, ""));

        assertThat(world.explained).isEmpty();
    }

    private static WatchResponse welcomeAfter(
            String streamId, io.registrycenter.proto.v1.CloseCause cause, String message) {
        WatchResponse.Builder welcome = welcome().toBuilder();
        welcome.getWelcomeBuilder()
                .getPreviousEndBuilder()
                .setStreamId(streamId)
                .setCause(cause)
                .setMessage(message);
        return welcome.build();
    }

    @Test
    void cut_resumesFromTheCursorAndNothingMissedIsAHeartbeat() {
        synced(7, "a");
        peer().send(heartbeat(0, 1, cursor(EPOCH, 8)));
        world.pass(Duration.ofSeconds(3));

        peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());

        assertThat(world.report().cause()).isEqualTo(CloseCause.PEER_EOF);
        assertThat(watch.view().stale()).isTrue();
        assertThat(watch.view().staleFor()).isEqualTo(Duration.ofSeconds(3));
        assertThat(ids()).containsExactly("a");

        world.pass(world.report().nextAttemptIn());
        assertThat(world.server().watches).hasSize(2);
        assertThat(peer().said().get(0).getHello().getPreviousClose().getStreamId())
                .isEqualTo("stream-1");
        assertThat(peer().said().get(0).getHello().getPreviousClose().getIdleMs())
                .isEqualTo(3_000);
        assertThat(peer().said().get(1).getSubscribe().getCursor()).isEqualTo(cursor(EPOCH, 8));

        peer().send(welcome());
        peer().send(heartbeat(0, 1, cursor(EPOCH, 90)));
        assertThat(watch.view().cursor()).as("waits for its answer").isEqualTo(new Cursor(EPOCH, 8));
        peer().send(heartbeat(id(), 0, cursor(EPOCH, 9)));

        assertThat(listener.take()).isEmpty();
        assertThat(watch.view().stale()).isFalse();
        assertThat(world.connected.get(1).resumed()).isTrue();
        assertThat(world.connected.get(1).revision()).isEqualTo(9);
    }

    @Test
    void snapshot_otherEpoch_holdsWhatIsMissing() {
        synced(7, "a", "b");
        peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        world.pass(Duration.ofSeconds(1));
        peer().send(welcome());

        peer().send(snapshot(
                id(),
                SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED,
                cursor("e2", 2),
                instance("a", 1),
                instance("c", 2)));

        assertThat(listener.take()).containsExactly("snapshot EPOCH_CHANGED", "+c@2");
        assertThat(ids()).containsExactly("a", "b", "c");
        assertThat(watch.view().held()).extracting(Instance::id).containsExactly("b");

        world.pass(Duration.ofSeconds(59));
        peer().send(heartbeat(0, 1, cursor("e2", 2)));
        assertThat(ids()).containsExactly("a", "b", "c");
        world.pass(Duration.ofSeconds(1));
        assertThat(listener.take()).containsExactly("-b@2 NOT_IN_SNAPSHOT");
        assertThat(ids()).containsExactly("a", "c");
    }

    @Test
    void snapshot_emptyAfterCompaction_isBelieved() {
        synced(7, "a");
        peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        world.pass(Duration.ofSeconds(1));
        peer().send(welcome());

        peer().send(snapshot(id(), SnapshotReason.SNAPSHOT_REASON_COMPACTED, cursor(EPOCH, 90)));

        assertThat(listener.take()).containsExactly("snapshot COMPACTED", "-a@90 NOT_IN_SNAPSHOT");
        assertThat(watch.instances()).isEmpty();
    }

    @Test
    void snapshot_fromThePast_refused() {
        synced(7, "a");
        peer().send(deltas(id(), delta(8, 9, put(instance("b", 9)))));

        peer().send(snapshot(id(), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 5)));

        assertThat(world.report().cause()).isEqualTo(CloseCause.SERVER_BEHIND);
        assertThat(peer().over()).isTrue();
        assertThat(ids()).containsExactly("a");
        assertThat(watch.view().cursor()).isEqualTo(new Cursor(EPOCH, 7));
    }

    @Test
    void subscriptionEnded_retryAfter_subscribesAgainThen() {
        synced(7, "a");

        peer().send(Frames.ended(id(), io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_SERVER_BEHIND, 2_000));
        int said = peer().said().size();
        assertThat(watch.view().stale()).isTrue();
        world.pass(Duration.ofMillis(1_999));
        assertThat(peer().said()).hasSize(said);
        world.pass(Duration.ofMillis(1));

        assertThat(peer().last().getSubscribe().getCursor()).isEqualTo(cursor(EPOCH, 7));
    }

    @Test
    void subscriptionEnded_invalid_toldAndStopped() {
        peer().send(welcome());

        peer().send(Frames.ended(id(), io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_INVALID_REQUEST, 0));

        assertThat(listener.refusal).isNotNull();
        assertThat(watch.synced().toCompletableFuture()).isCompletedExceptionally();
        assertThat(listener.refusal)
                .extracting(RegistryException::kind)
                .isEqualTo(RegistryException.Kind.INVALID_INPUT);
        assertThat(peer().over()).as("no watch is left").isTrue();
        world.pass(Duration.ofMinutes(5));
        assertThat(world.server().watches).hasSize(1);
    }

    @Test
    void close_last_endsTheStream() {
        synced(7, "a");
        watch.close();

        assertThat(peer().over()).isTrue();
        assertThat(world.timing.waiting()).isZero();
        assertThat(ids()).as("the last view stays readable").containsExactly("a");
    }
}
