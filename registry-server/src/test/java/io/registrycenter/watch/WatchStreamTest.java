package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WatchStreamTest extends WatchStreamFixture {

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
    void subscribe_withTheMarkOfThisHistory_goesOnAsWithout() {
        hello();
        stream.subscribe(1, ORDERS, view.cursor(11), true);
        assertThat(written()).singleElement().isInstanceOf(Frame.Deltas.class);
        stream.subscribe(2, ORDERS, view.cursor(12), true);
        assertThat(written()).containsExactly(new Frame.Heartbeat(2, 0, new Cursor("e1", 12)));
    }

    @Test
    void subscribe_withAnotherMark_getsSnapshotEpochChanged() {
        hello();
        stream.subscribe(1, ORDERS, thrownAway(12), true);
        assertSnapshot(SnapshotReason.EPOCH_CHANGED);
    }

    @Test
    void subscribe_withAnotherMarkInsideTheHistory_getsSnapshotEpochChanged() {
        hello();
        stream.subscribe(1, ORDERS, thrownAway(11), true);
        assertSnapshot(SnapshotReason.EPOCH_CHANGED);
    }

    @Test
    void subscribe_withAMarkOlderThanThoseKnown_getsSnapshotCompacted() {
        hello();
        stream.subscribe(1, ORDERS, new Cursor("e1", 9, 4711), true);
        assertSnapshot(SnapshotReason.COMPACTED);
    }

    @Test
    void subscribe_withTheMarkOfARevisionAhead_goesOnWhenThisServerCaughtUp() {
        View ofAnother = new View("e1");
        Applier another = new Applier(ofAnother, List.of(), lost -> {
            throw lost;
        });
        another.load(List.of(), 10);
        for (int revision = 11; revision <= 13; revision++) {
            another.commit(commitOf(revision, Character.toString('a' + revision - 11)));
        }
        hello();
        stream.subscribe(1, ORDERS, ofAnother.cursor(13), true);
        assertThat(written()).isEmpty();
        put(13, "c");
        pass(TICK);
        assertThat(written()).containsExactly(new Frame.Heartbeat(1, 0, new Cursor("e1", 13)));
    }

    @Test
    void subscribe_withACursorAheadOfAnotherHistory_getsSnapshotEpochChangedWhenThatRevisionIsReached() {
        hello();
        stream.subscribe(1, ORDERS, thrownAway(13), true);
        assertThat(written()).isEmpty();
        put(13, "c");
        pass(TICK);
        Frame.Snapshot snapshot = (Frame.Snapshot) written().getFirst();
        assertThat(snapshot.reason()).isEqualTo(SnapshotReason.EPOCH_CHANGED);
        assertThat(snapshot.cursor().revision()).isEqualTo(13);
    }

    @Test
    void everyCursorThatIsWritten_hasTheMarkOfItsRevision() {
        stream.hello(ClientInfo.UNKNOWN, null, null);
        stream.subscribe(1, ORDERS, null, true);
        put(13, "c");
        pass(WatchSettings.DEFAULTS.heartbeatInterval().multipliedBy(2));
        List<Frame> frames = written();
        assertThat(frames).hasSizeGreaterThanOrEqualTo(4);
        for (Frame frame : frames) {
            Cursor cursor = switch (frame) {
                case Frame.Welcome welcome -> welcome.cursor();
                case Frame.Snapshot snapshot -> snapshot.cursor();
                case Frame.Heartbeat heartbeat -> heartbeat.cursor();
                case Frame.Deltas deltas -> {
                    Told.Delta delta = encoding.deltas(deltas).getFirst();
                    yield new Cursor("e1", delta.revision(), delta.mark());
                }
                case Frame.Drain drain -> throw new AssertionError(drain);
                case Frame.SubscriptionEnded ended -> throw new AssertionError(ended);
            };
            assertThat(cursor.mark())
                    .as("%s", frame)
                    .isNotEqualTo(Cursor.NO_MARK)
                    .isEqualTo(view.cursor(cursor.revision()).mark());
        }
    }

    private static Cursor thrownAway(long revision) {
        return new Cursor("e1", revision, 4711);
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
        stream.rejected(3, new Refusal.InvalidInput("subscribe.interest.service", "a b", "be a name"));
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
    void answersThatNobodyReads_endTheStream_andNameTheLimit() {
        hello();
        outlet.refuse();
        Refusal.InvalidInput bad = new Refusal.InvalidInput("subscribe.interest.service", "a b", "be a name");
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
