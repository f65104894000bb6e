package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.Interest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client as the contract describes it, with one subscription at a time, that checks every guarantee on every frame:
 * ordered, unique, atomic, reliable, resumable, bookmarkable, convergent, filtered, no time travel.
 */
final class WatchingClient {

    static final long SUBSCRIPTION = 7;

    /** What the history says: the state at a revision. */
    interface Truth {
        /** The instances an interest matches at a revision, by service and id. */
        Map<String, Instance> stateAt(long revision, Interest interest);

        /** The interest's changes at exactly this revision, by service and id. */
        Set<String> changedAt(long revision, Interest interest);
    }

    private final Interest interest;
    private final WordsEncoding encoding;
    private final Truth truth;
    private final Map<String, Instance> state = new TreeMap<>();
    private final Set<String> seen = new HashSet<>();
    private final List<Frame.Snapshot> parts = new ArrayList<>();
    private @Nullable Cursor cursor;
    private boolean answered;
    private long lastHeartbeat;
    final Map<String, Integer> counts = new HashMap<>();

    WatchingClient(Interest interest, WordsEncoding encoding, Truth truth) {
        this.interest = interest;
        this.encoding = encoding;
        this.truth = truth;
    }

    Interest interest() {
        return interest;
    }

    @Nullable
    Cursor cursor() {
        return cursor;
    }

    Map<String, Instance> state() {
        return state;
    }

    long lastHeartbeat() {
        return lastHeartbeat;
    }

    /** A new stream: the next answer is a first answer. */
    void reconnected() {
        answered = false;
        lastHeartbeat = 0;
        parts.clear();
    }

    void forgetCursor() {
        cursor = null;
    }

    boolean answered() {
        return answered;
    }

    void receive(Frame frame) {
        counts.merge(frame.getClass().getSimpleName(), 1, Integer::sum);
        switch (frame) {
            case Frame.Welcome welcome -> assertThat(answered).isFalse();
            case Frame.Snapshot snapshot -> snapshot(snapshot);
            case Frame.Deltas deltas -> deltas.deltas().forEach(this::delta);
            case Frame.Heartbeat heartbeat -> heartbeat(heartbeat);
            case Frame.Drain drain -> {}
            case Frame.SubscriptionEnded ended -> throw new AssertionError("ended: " + ended);
        }
    }

    private void snapshot(Frame.Snapshot part) {
        counts.merge(part.reason().name(), 1, Integer::sum);
        if (part.part() == 0) {
            // Begun again: the server let go of the image under pressure.
            parts.clear();
        }
        assertThat(part.part()).as("parts come in order").isEqualTo(parts.size());
        parts.add(part);
        if (!part.last()) {
            return;
        }
        Map<String, Instance> complete = new TreeMap<>();
        for (Frame.Snapshot each : parts) {
            assertThat(each.cursor()).isEqualTo(part.cursor());
            encoding.instances(each.instances()).forEach(i -> complete.put(key(i.service(), i.id()), i));
        }
        parts.clear();
        assertThat(complete).as("total agrees").hasSize(part.total());
        Cursor before = cursor;
        if (before != null
                && before.epoch().equals(part.cursor().epoch())
                && part.reason() != SnapshotReason.REVISION_AHEAD) {
            assertThat(part.cursor().revision()).as("no time travel").isGreaterThanOrEqualTo(before.revision());
        }
        assertThat(complete)
                .as("convergent: a snapshot is the state at its revision")
                .isEqualTo(truth.stateAt(part.cursor().revision(), interest));
        state.clear();
        state.putAll(complete);
        cursor = part.cursor();
        answered = true;
    }

    private void delta(EncodedDelta delta) {
        assertThat(parts).as("parts are not mixed with deltas").isEmpty();
        WordsEncoding.Head head = WordsEncoding.head(delta);
        Cursor from = Objects.requireNonNull(cursor, "a delta needs a state to stand on");
        assertThat(head.revision()).as("ordered, bookmarkable, resumable").isGreaterThan(from.revision());
        assertThat(head.after()).as("reliable: no gap").isLessThanOrEqualTo(from.revision());
        Set<String> touched = new HashSet<>();
        for (Change change : encoding.changes(delta)) {
            String key = switch (change) {
                case Change.Put put -> {
                    Instance instance = put.instance();
                    state.put(key(instance.service(), instance.id()), instance);
                    yield key(instance.service(), instance.id());
                }
                case Change.Removal removal -> {
                    state.remove(key(removal.service(), removal.instanceId()));
                    yield key(removal.service(), removal.instanceId());
                }
            };
            assertThat(touched.add(key)).as("one change for each instance").isTrue();
            if (!head.coalesced()) {
                assertThat(seen.add(head.revision() + " " + key)).as("unique").isTrue();
            }
        }
        if (head.coalesced()) {
            counts.merge("coalesced", 1, Integer::sum);
        } else {
            assertThat(touched)
                    .as("atomic, filtered: all of the commit that matches, nothing else")
                    .isEqualTo(truth.changedAt(head.revision(), interest));
        }
        assertThat(state)
                .as("reliable, convergent: the state at revision " + head.revision())
                .isEqualTo(truth.stateAt(head.revision(), interest));
        cursor = new Cursor(from.epoch(), head.revision());
        answered = true;
    }

    private void heartbeat(Frame.Heartbeat heartbeat) {
        Cursor from = cursor;
        if (heartbeat.subscriptionId() == SUBSCRIPTION) {
            assertThat(answered).as("exactly one first answer").isFalse();
            answered = true;
        } else {
            assertThat(heartbeat.seq()).isGreaterThan(lastHeartbeat);
            lastHeartbeat = heartbeat.seq();
            if (!answered) {
                return;
            }
        }
        Objects.requireNonNull(from, "an answered subscription has a cursor");
        if (heartbeat.cursor().revision() >= from.revision()) {
            assertThat(truth.stateAt(heartbeat.cursor().revision(), interest))
                    .as("bookmarkable: nothing up to the heartbeat's cursor is still to come")
                    .isEqualTo(state);
            cursor = heartbeat.cursor();
        }
    }

    static String key(String service, String id) {
        return service + "/" + id;
    }
}
