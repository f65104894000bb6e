package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchStreamTest {

    private static final Interest ORDERS = new Interest("shop", "orders", Map.of());
    private static final Duration TICK = Duration.ofMillis(500);

    private final StepExecutor loop = new StepExecutor();
    private final View view = new View("e1");
    private long now;
    private CompletableFuture<Long> provenHead = new CompletableFuture<>();
    private final WordsEncoding encoding = new WordsEncoding();
    private final Hub hub = new Hub(view, encoding, WatchSettings.DEFAULTS, () -> provenHead, () -> now, new Random(1));
    private final Applier applier = new Applier(view, List.of(hub), lost -> {
        throw lost;
    });
    private final RecordingOutlet outlet = new RecordingOutlet(loop, 1_000);
    private final WatchStream stream = open();

    private WatchStream open() {
        applier.load(List.of(), 10);
        hub.begin();
        return hub.open(outlet);
    }

    @BeforeEach
    void history() {
        put(11, "a");
        put(12, "b");
    }

    private void put(long revision, String id) {
        commit(revision, id);
        applier.batchComplete();
        loop.runAll();
    }

    /** More of its batch may follow. */
    private void commit(long revision, String id) {
        Instance instance = new Instance("orders", id, List.of(), "", 100, Map.of(), InstanceStatus.UP, 0, 0);
        RecordKey key = new RecordKey.OfInstance(new InstanceKey("shop", "orders", id));
        applier.commit(new Commit(revision, List.of(new Mutation(key, new InstanceRecord(instance, "s", "")))));
    }

    private void pass(Duration time) {
        for (long left = time.toNanos(); left > 0; left -= TICK.toNanos()) {
            now += TICK.toNanos();
            hub.tick();
            loop.runAll();
        }
    }

    private List<Frame> written() {
        List<Frame> frames = new ArrayList<>();
        for (Frame frame = outlet.poll(); frame != null; frame = outlet.poll()) {
            frames.add(frame);
        }
        return frames;
    }

    private CloseCause endCause() {
        return Objects.requireNonNull(outlet.end(), "the stream goes on").cause();
    }

    private void hello() {
        stream.hello(ClientInfo.UNKNOWN, null);
        written();
    }

    @Test
    void subscribe_withCursorThatMissedNothing_isAnsweredByHeartbeat() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 12), true);
        assertThat(written()).containsExactly(new Frame.Heartbeat(1, 0, new Cursor("e1", 12)));
    }

    @Test
    void subscribe_withCursorInsideHistory_getsExactlyTheMissedCommits() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 11), true);
        assertThat(written())
                .singleElement()
                .isInstanceOfSatisfying(
                        Frame.Deltas.class,
                        deltas -> assertThat(encoding.deltas(deltas))
                                .singleElement()
                                .satisfies(delta -> {
                                    assertThat(delta.after()).isEqualTo(11);
                                    assertThat(delta.revision()).isEqualTo(12);
                                }));
    }

    @Test
    void subscribe_withCursorOlderThanHistory_getsSnapshotCompacted() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 9), true);
        assertSnapshot(SnapshotReason.COMPACTED);
    }

    @Test
    void subscribe_withCursorOfOtherEpoch_getsSnapshotEpochChanged() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e0", 12), true);
        assertSnapshot(SnapshotReason.EPOCH_CHANGED);
    }

    @Test
    void subscribe_withCursorTheStoreNeverHad_getsSnapshotRevisionAhead() {
        provenHead = CompletableFuture.completedFuture(12L);
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 99), true);
        loop.runAll();
        assertSnapshot(SnapshotReason.REVISION_AHEAD);
    }

    @Test
    void subscribe_withCursorAheadOfThisServer_waitsAndGoesOnWhenItCaughtUp() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 13), true);
        pass(Duration.ofSeconds(1));
        assertThat(written()).isEmpty();
        put(13, "c");
        put(14, "d");
        pass(TICK);
        assertThat(written())
                .singleElement()
                .isInstanceOfSatisfying(
                        Frame.Deltas.class,
                        deltas -> assertThat(encoding.deltas(deltas).get(0).revision())
                                .isEqualTo(14));
    }

    @Test
    void subscribe_withCursorAheadOfThisServerForTooLong_endsThatSubscriptionAsServerBehind() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 13), true);
        pass(Duration.ofSeconds(4));
        provenHead.complete(20L);
        loop.runAll();
        assertThat(written())
                .singleElement()
                .isInstanceOfSatisfying(
                        Frame.SubscriptionEnded.class,
                        ended -> assertThat(ended.cause()).isEqualTo(CloseCause.SERVER_BEHIND));
        assertThat(outlet.end()).isNull();
    }

    @Test
    void subscribe_beyondTheLimit_endsThatSubscriptionAndNamesTheLimit() {
        hello();
        for (int i = 1; i <= WatchSettings.DEFAULTS.subscriptionsPerStream(); i++) {
            stream.subscribe(i, ORDERS, new Cursor("e1", 12), true);
            written();
            outlet.allow(1);
        }
        stream.subscribe(5_000, ORDERS, null, true);
        assertThat(written()).singleElement().isInstanceOfSatisfying(Frame.SubscriptionEnded.class, ended -> {
            assertThat(ended.cause()).isEqualTo(CloseCause.LIMIT_EXCEEDED);
            assertThat(ended.message()).contains("subscriptions-per-stream", "1000");
        });
        assertThat(outlet.end()).isNull();
    }

    @Test
    void commits_ofOneBatch_areToldTogetherAtItsEnd() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 12), true);
        written();
        for (int revision = 13; revision < 20; revision++) {
            commit(revision, "c");
            loop.runAll();
            assertThat(written()).isEmpty();
        }
        applier.batchComplete();
        loop.runAll();
        assertThat(written())
                .singleElement()
                .isInstanceOfSatisfying(
                        Frame.Deltas.class,
                        deltas -> assertThat(encoding.deltas(deltas))
                                .extracting(Told.Delta::revision)
                                .containsExactly(13L, 14L, 15L, 16L, 17L, 18L, 19L));
    }

    @Test
    void commits_ofALongBatch_areToldBeforeItsEnd() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 12), true);
        written();
        long revision = 12;
        while (written().isEmpty()) {
            commit(++revision, "c");
            loop.runAll();
            assertThat(revision).isLessThan(1_000);
        }
    }

    @Test
    void rejected_subscription_endsAloneAndTheStreamGoesOn() {
        hello();
        stream.rejected(3, new Refusal.InvalidInput("interest.service", "a b", "be a name"));
        stream.subscribe(4, ORDERS, new Cursor("e1", 12), true);
        assertThat(written()).hasSize(2).first().isInstanceOf(Frame.SubscriptionEnded.class);
    }

    @Test
    void subscribe_beforeHello_endsTheStream() {
        stream.subscribe(1, ORDERS, null, true);
        assertThat(endCause()).isEqualTo(CloseCause.INVALID_REQUEST);
    }

    @Test
    void subscribe_withAnIdThatIsTaken_endsTheStream() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        stream.subscribe(1, ORDERS, null, true);
        assertThat(endCause()).isEqualTo(CloseCause.INVALID_REQUEST);
        assertThat(hub.stats().subscriptions()).isZero();
    }

    @Test
    void acknowledge_ofAHeartbeatNeverSent_endsTheStream() {
        hello();
        stream.acknowledge(1, null);
        assertThat(endCause()).isEqualTo(CloseCause.INVALID_REQUEST);
    }

    @Test
    void heartbeat_withoutAcknowledgement_endsTheStream() {
        hello();
        pass(Duration.ofSeconds(26));
        assertThat(written()).singleElement().isInstanceOf(Frame.Heartbeat.class);
        pass(Duration.ofSeconds(11));
        assertThat(endCause()).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
    }

    @Test
    void silence_thatABrokenConnectionExplains_isThatBreak() {
        hello();
        pass(Duration.ofSeconds(37));
        assertThat(endCause()).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
        assertThat(stream.close(CloseCause.PEER_RESET))
                .as("the reset waited in the socket while the clock ran")
                .isEqualTo(CloseCause.PEER_RESET);
        assertThat(hub.stats().closes(CloseCause.PEER_RESET)).isOne();
        assertThat(hub.stats().closes(CloseCause.HEARTBEAT_TIMEOUT)).isZero();
    }

    @Test
    void silence_whoseEndGotThrough_stands() {
        hello();
        pass(Duration.ofSeconds(37));
        assertThat(stream.close(CloseCause.CLIENT_COMPLETED)).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
    }

    @Test
    void slowConsumer_whoThenResets_staysOne() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        outlet.refuse();
        put(13, "c");
        pass(Duration.ofSeconds(31));
        assertThat(stream.close(CloseCause.PEER_RESET)).isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void heartbeat_acknowledged_keepsTheStream() {
        hello();
        for (int i = 0; i < 600; i++) {
            pass(TICK);
            for (Frame frame : written()) {
                stream.acknowledge(((Frame.Heartbeat) frame).seq(), null);
            }
        }
        assertThat(outlet.end()).isNull();
        assertThat(stream.state()).isEqualTo(StreamState.OPEN);
    }

    @Test
    void transportThatTakesNothing_whileDataWaits_endsAsSlowConsumerThenIsReset() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        outlet.refuse();
        put(13, "c");
        pass(Duration.ofSeconds(29));
        assertThat(outlet.end()).isNull();
        pass(Duration.ofSeconds(2));
        assertThat(endCause()).isEqualTo(CloseCause.SLOW_CONSUMER);
        assertThat(Objects.requireNonNull(outlet.end()).written()).containsEntry(1L, new Cursor("e1", 12));
        assertThat(outlet.wasReset()).isFalse();
        pass(Duration.ofSeconds(11));
        assertThat(outlet.wasReset()).isTrue();
    }

    @Test
    void transportThatTakesNothing_standsTheOtherClocksStill() {
        hello();
        pass(Duration.ofSeconds(26));
        outlet.refuse();
        pass(Duration.ofMinutes(3));
        assertThat(endCause())
                .as("neither the missing acknowledgement nor the silence decides")
                .isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void heartbeatThatDoesNotLeave_standsTheOtherClocksStill_andEndsAsSlowConsumer() {
        hello();
        pass(Duration.ofSeconds(26));
        outlet.hold(true);
        pass(Duration.ofSeconds(29));
        assertThat(outlet.end()).as("neither clock but the last runs").isNull();
        assertThat(written())
                .as("no second heartbeat queues behind the first")
                .singleElement()
                .isInstanceOf(Frame.Heartbeat.class);
        pass(Duration.ofSeconds(11));
        assertThat(endCause()).isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void heartbeatThatLeavesLate_isAwaitedFromThen() {
        hello();
        pass(Duration.ofSeconds(15));
        outlet.hold(true);
        pass(Duration.ofSeconds(25));
        outlet.hold(false);
        pass(Duration.ofSeconds(9));
        assertThat(outlet.end()).isNull();
        pass(Duration.ofSeconds(2));
        assertThat(endCause()).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
    }

    @Test
    void pauseOfTheServer_countsAsOneTick() {
        hello();
        now += Duration.ofHours(1).toNanos();
        hub.tick();
        loop.runAll();
        assertThat(outlet.end()).isNull();
    }

    @Test
    void answersThatNobodyReads_endTheStream_andNameTheLimit() {
        hello();
        outlet.refuse();
        Refusal.InvalidInput bad = new Refusal.InvalidInput("interest.service", "a b", "be a name");
        for (int id = 1; id <= 2_049; id++) {
            assertThat(outlet.end()).isNull();
            stream.rejected(id, bad);
        }
        StreamEnd end = Objects.requireNonNull(outlet.end());
        assertThat(end.cause()).isEqualTo(CloseCause.LIMIT_EXCEEDED);
        assertThat(Objects.requireNonNull(end.limit()).limit()).isEqualTo("answers-waiting");
        assertThat(end.retryAfter()).isPositive();
    }

    @Test
    void unsubscribe_whileSeveralWaitInLine_leavesTheOthersTheirTurn() {
        hello();
        outlet.refuse();
        for (int id = 1; id <= 4; id++) {
            stream.subscribe(id, ORDERS, new Cursor("e1", 12), true);
        }
        stream.unsubscribe(4);
        stream.unsubscribe(2);
        stream.unsubscribe(1);
        stream.subscribe(5, ORDERS, new Cursor("e1", 12), true);
        outlet.allow(10);
        stream.ready();
        assertThat(written())
                .containsExactly(
                        new Frame.Heartbeat(3, 0, new Cursor("e1", 12)),
                        new Frame.Heartbeat(5, 0, new Cursor("e1", 12)));
        assertThat(hub.stats().subscriptions()).isEqualTo(2);
    }

    @Test
    void figures_ofAStreamThatIsBehind_sayHowFarAndForHowLong() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 12), true);
        outlet.refuse();
        put(13, "c");
        put(14, "d");
        now += Duration.ofSeconds(3).toNanos();
        StreamFigures figures = stream.figures();
        assertThat(figures.pendingChanges()).isEqualTo(2);
        assertThat(figures.pendingBytes()).isPositive();
        assertThat(figures.oldestPendingNanos()).isEqualTo(Duration.ofSeconds(3).toNanos());
        assertThat(figures.written()).isEqualTo(12);
        outlet.allow(10);
        stream.ready();
        assertThat(stream.figures().pendingChanges()).isZero();
        assertThat(stream.figures().written()).isEqualTo(14);
    }

    @Test
    void close_afterOurOwnEnd_countsOurCauseOnceAndLeavesNothing() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        stream.end(CloseCause.KICKED, "an operator ended it", Duration.ZERO);
        stream.close(CloseCause.PEER_RESET);
        stream.close(CloseCause.PEER_EOF);
        assertThat(hub.stats().closes(CloseCause.KICKED)).isEqualTo(1);
        assertThat(hub.stats().closes(CloseCause.PEER_RESET)).isZero();
        assertThat(hub.stats().streams()).isZero();
        assertThat(hub.stats().subscriptions()).isZero();
        assertThat(hub.streams()).isEmpty();
    }

    private void assertSnapshot(SnapshotReason reason) {
        assertThat(written()).singleElement().isInstanceOfSatisfying(Frame.Snapshot.class, snapshot -> {
            assertThat(snapshot.reason()).isEqualTo(reason);
            assertThat(snapshot.cursor()).isEqualTo(new Cursor("e1", 12));
            assertThat(snapshot.total()).isEqualTo(2);
        });
    }
}
