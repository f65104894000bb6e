package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.StoreState;
import io.registrycenter.store.StoredRecord;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What watchers are told when the view was replaced by a newer state: what led there is known to nobody. */
class HistoryRestartTest extends WatchStreamFixture {

    private static final long RESTART = 40;

    @BeforeEach
    void greeted() {
        hello();
    }

    private static StoredRecord stored(long revision, String id) {
        Instance instance = new Instance("orders", id, List.of(), "", 100, Map.of(), InstanceStatus.UP, 0, 0);
        RecordKey key = new RecordKey.OfInstance(new InstanceKey("shop", "orders", id));
        return new StoredRecord(key, revision, new InstanceRecord(instance, "s", ""));
    }

    /** The state at {@value #RESTART}: a is gone, b as it was, c is new. */
    private void replace() {
        applier.replace(new StoreState(RESTART, List.of(stored(12, "b"), stored(33, "c"))));
    }

    private void subscribe(long id, Interest interest, @Nullable Long from) {
        stream.subscribe(id, interest, from == null ? null : new Cursor("e1", from), true);
        loop.runAll();
    }

    private void assertCompacted(Frame frame, long subscription) {
        assertThat(frame).isInstanceOfSatisfying(Frame.Snapshot.class, snapshot -> {
            assertThat(snapshot.subscriptionId()).isEqualTo(subscription);
            assertThat(snapshot.reason()).isEqualTo(SnapshotReason.COMPACTED);
            assertThat(snapshot.cursor().epoch()).isEqualTo("e1");
            assertThat(snapshot.cursor().revision()).isEqualTo(RESTART);
        });
    }

    @Test
    void subscriptionAtTheHead_isToldASnapshot_thenWhatFollows() {
        subscribe(1, ORDERS, 12L);
        written();
        replace();
        loop.runAll();
        List<Frame> frames = written();
        assertThat(frames).hasSize(1);
        assertCompacted(frames.get(0), 1);
        assertThat(((Frame.Snapshot) frames.get(0)).total()).isEqualTo(2);
        put(41, "d");
        assertThat(written()).singleElement().isInstanceOf(Frame.Deltas.class);
    }

    @Test
    void heartbeatThatIsDue_doesNotOvertakeTheSnapshot() {
        subscribe(1, ORDERS, 12L);
        written();
        outlet.refuse();
        replace();
        // The lane is told, but the transport takes nothing: only a heartbeat is due meanwhile.
        pass(WatchSettings.DEFAULTS
                .heartbeatInterval()
                .multipliedBy(5)
                .dividedBy(4)
                .plus(TICK));
        outlet.allow(10);
        stream.ready();
        loop.runAll();
        List<Frame> frames = written();
        assertThat(frames.get(0))
                .isInstanceOfSatisfying(
                        Frame.Heartbeat.class,
                        heartbeat -> assertThat(heartbeat.cursor().revision()).isEqualTo(12));
        assertCompacted(frames.get(1), 1);
    }

    @Test
    void everySubscription_alsoWithLabels_andOfServicesWithoutAChange() {
        subscribe(1, ORDERS, 12L);
        subscribe(2, new Interest("shop", "", Map.of("colour", "blue")), 12L);
        subscribe(3, new Interest("shop", "carts", Map.of()), 12L);
        subscribe(4, new Interest("elsewhere", "", Map.of()), null);
        written();
        replace();
        loop.runAll();
        assertThat(written())
                .hasSize(4)
                .extracting(frame -> ((Frame.Snapshot) frame).subscriptionId())
                .containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    }

    @Test
    void subscriptionThatIsBehind_andOneThatReadsASnapshot_areToldTheNewestState() {
        subscribe(1, ORDERS, 11L);
        subscribe(2, ORDERS, null);
        assertThat(written()).hasSize(2);
        outlet.refuse();
        put(13, "e");
        subscribe(3, ORDERS, null);
        replace();
        loop.runAll();
        outlet.allow(100);
        stream.ready();
        loop.runAll();
        List<Frame> frames = written();
        for (long id : new long[] {1, 2, 3}) {
            Frame.Snapshot last = frames.stream()
                    .filter(Frame.Snapshot.class::isInstance)
                    .map(Frame.Snapshot.class::cast)
                    .filter(snapshot -> snapshot.subscriptionId() == id)
                    .reduce((older, newer) -> newer)
                    .orElseThrow();
            assertThat(last.cursor().revision()).isEqualTo(RESTART);
        }
        assertThat(frames).noneMatch(Frame.Deltas.class::isInstance);
    }

    @Test
    void cursorBeforeTheRestart_isCompacted_atItMissedNothing_alsoInAScopeThatIsNew() {
        replace();
        for (String service : Arrays.asList("orders", "new")) {
            RecordingOutlet out = new RecordingOutlet(loop, 1_000);
            WatchStream other = hub.open(out);
            other.hello(ClientInfo.UNKNOWN, null, null);
            out.poll();
            Interest interest = new Interest("shop", service, Map.of());
            other.subscribe(1, interest, new Cursor("e1", 12), true);
            other.subscribe(2, interest, new Cursor("e1", RESTART), true);
            loop.runAll();
            assertCompacted(Objects.requireNonNull(out.poll()), 1);
            assertThat(out.poll()).isInstanceOf(Frame.Heartbeat.class);
        }
        assertThat(hub.historyBytes()).isZero();
        pass(Duration.ofSeconds(10));
        put(41, "d");
        assertThat(hub.historyEntries()).isEqualTo(2);
    }
}
