package io.registrycenter.watch;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal.LimitExceeded;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One interest on one watch stream: a cursor on the ring of its scope. Confined to the stream's lane.
 *
 * <pre>
 * AHEAD --server caught up--> PLACED --first answer written--> LIVE --history gone--> SNAPSHOT --last part--> LIVE
 *    `--store proven behind--> SNAPSHOT                PLACED --older than history, no cursor--> SNAPSHOT
 * any --unsubscribed, ended--> ENDED
 * </pre>
 */
final class Subscription {

    enum State {
        /** Its cursor is from this server's future. */
        AHEAD,
        /** Stands on the ring; the first answer is not written yet. */
        PLACED,
        /** Parts of a snapshot are being written. */
        SNAPSHOT,
        /** Gets every commit. */
        LIVE,
        ENDED
    }

    private static final int ENTRIES_JUDGED_A_STEP = 1_024;

    private final WatchStream stream;
    private final long id;
    private final Scope scope;
    private final boolean coalesce;
    private final @Nullable LabelView labelView;
    private final LaneMembers members;

    private State state = State.PLACED;

    /** Sequence number of the next entry of the ring to write. */
    private long next;

    /** Everything of this interest up to this revision is written. */
    private long written;

    /** With labels: the last revision told, the next delta's {@code after}. */
    private long told;

    /** Its first answer is written as a whole: from then on the stream's heartbeats speak for it, whatever its state. */
    private boolean answered;

    private @Nullable SnapshotImage image;
    private SnapshotReason reason = SnapshotReason.INITIAL;
    private int nextPart;

    /** Whether it waits for its turn to write. Owned by {@link Outbox}. */
    boolean queued;

    /** Its place among its scope's subscriptions of this lane. Owned by {@link LaneMembers}. */
    int memberIndex;

    Subscription(
            WatchStream stream,
            long id,
            boolean coalesce,
            Scope scope,
            LaneMembers members,
            @Nullable LabelView labelView) {
        this.stream = stream;
        this.id = id;
        this.coalesce = coalesce;
        this.scope = scope;
        this.members = members;
        this.labelView = labelView;
    }

    WatchStream stream() {
        return stream;
    }

    long id() {
        return id;
    }

    State state() {
        return state;
    }

    long written() {
        return written;
    }

    /** Starts with a complete state, or ends when it would have to be built and too many are being built. */
    void beginSnapshot(SnapshotReason why) {
        letGoOfImage();
        long newest = scope.lastRevision();
        LimitExceeded refusal = stream.snapshotAdmission().begin(!snapshots().has(newest));
        if (refusal != null) {
            stream.snapshotRefused(this, refusal);
            return;
        }
        reason = why;
        image = snapshots().hold(newest);
        nextPart = 0;
        state = State.SNAPSHOT;
        stream.stats().snapshot(why);
    }

    /** Goes on after a revision this server has. */
    void place(long revision) {
        if (stand(revision)) {
            state = State.PLACED;
        } else {
            beginSnapshot(SnapshotReason.COMPACTED);
        }
    }

    /**
     * Stands on the ring behind a revision; false when the ring does not reach back to it. The floor is read last: it rises
     * before an entry goes, so a place that was found while entries went is found out here.
     */
    private boolean stand(long revision) {
        written = revision;
        told = revision;
        next = scope.ring().after(revision);
        return revision >= scope.ring().floor();
    }

    /** Waits for this server to reach a revision. */
    void ahead(long revision) {
        written = revision;
        told = revision;
        state = State.AHEAD;
    }

    /** Leaves its scope. A second call does nothing. */
    void end() {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        letGoOfImage();
        members.remove(this);
        if (labelView != null) {
            scope.release(labelView);
        }
        scope.detach();
    }

    /** Whether a heartbeat of the stream may speak for it. */
    boolean answered() {
        return answered;
    }

    /**
     * The newest revision up to which everything is written.
     *
     * @param published what the hub had published before this call
     */
    long covered(long published) {
        boolean drained = state == State.LIVE && next >= scope.ring().tail();
        return drained ? Math.max(written, published) : written;
    }

    /** Whether {@link #step} would write something. */
    boolean hasMore() {
        return switch (state) {
            case AHEAD, ENDED -> false;
            case PLACED, SNAPSHOT -> true;
            case LIVE -> next < scope.ring().tail();
        };
    }

    /** Writes at most one message; the transport must be ready. */
    void step() {
        switch (state) {
            case AHEAD, ENDED -> {}
            case SNAPSHOT -> writePart();
            case PLACED, LIVE -> writeCommits();
        }
    }

    private void live() {
        state = State.LIVE;
        answered = true;
    }

    private SnapshotCache snapshots() {
        return labelView == null ? scope.snapshots() : labelView.snapshots();
    }

    private void letGoOfImage() {
        if (image != null) {
            snapshots().letGo(image);
            image = null;
            stream.snapshotAdmission().done();
        }
    }

    private void writePart() {
        SnapshotImage complete = image;
        if (complete == null) {
            throw new IllegalStateException("no snapshot to write");
        }
        if (complete.dropped()) {
            beginSnapshot(reason);
            return;
        }
        Encoding.Part part = complete.parts().get(nextPart);
        boolean last = nextPart == complete.parts().size() - 1;
        stream.write(new Frame.Snapshot(
                id, reason, stream.cursor(complete.revision()), part, nextPart, last, complete.total()));
        nextPart++;
        if (last) {
            letGoOfImage();
            live();
            if (!stand(complete.revision())) {
                // It took the client so long to read that the history went on without it.
                beginSnapshot(SnapshotReason.COMPACTED);
            }
        }
    }

    private void writeCommits() {
        long published = stream.published();
        Ring ring = scope.ring();
        long tail = ring.tail();
        skipWritten(ring, tail);
        if (next >= tail) {
            if (state == State.PLACED) {
                live();
                written = Math.max(written, published);
                stream.write(new Frame.Heartbeat(id, 0, stream.cursor(written)));
            }
            return;
        }
        HistoryEntry first = ring.get(next);
        if (first == null || written < ring.floor()) {
            beginSnapshot(SnapshotReason.COMPACTED);
            return;
        }
        if (coalesce && isFarBehind(ring, first, tail)) {
            writeCoalesced(ring, tail);
        } else if (labelView == null) {
            writeBatch(ring, tail);
        } else {
            writeMatching(ring, tail, labelView);
        }
    }

    /** The view shows a commit a moment before the ring has it: a snapshot may already contain what is appended next. */
    private void skipWritten(Ring ring, long tail) {
        while (next < tail) {
            HistoryEntry entry = ring.get(next);
            if (entry == null || entry.revision() > written) {
                return;
            }
            next++;
        }
    }

    private boolean isFarBehind(Ring ring, HistoryEntry first, long tail) {
        HistoryEntry newest = ring.get(tail - 1);
        if (newest == null) {
            return true;
        }
        WatchSettings settings = stream.settings();
        return newest.changesBefore() + newest.delta().changeCount() - first.changesBefore()
                        > settings.coalesceChanges()
                || newest.bytesBefore() + newest.delta().bytes() - first.bytesBefore() > settings.coalesceBytes();
    }

    private void writeBatch(Ring ring, long tail) {
        LaneMembers.Batch batch = members.batch();
        if (batch == null || batch.from() != next || (batch.to() < tail && !batch.full())) {
            batch = gather(ring, tail);
            if (batch == null) {
                beginSnapshot(SnapshotReason.COMPACTED);
                return;
            }
            members.batch(batch);
        }
        List<EncodedDelta> deltas = batch.deltas();
        next = batch.to();
        written = deltas.get(deltas.size() - 1).revision();
        told = written;
        live();
        stream.stats().commitsWritten.add(deltas.size());
        stream.write(new Frame.Deltas(id, deltas, batch.joined()));
    }

    private LaneMembers.@Nullable Batch gather(Ring ring, long tail) {
        WatchSettings settings = stream.settings();
        long to = Math.min(tail, next + settings.frameCommits());
        boolean full = to == next + settings.frameCommits();
        List<EncodedDelta> deltas = new ArrayList<>((int) (to - next));
        long bytes = 0;
        long seq = next;
        for (; seq < to; seq++) {
            HistoryEntry entry = ring.get(seq);
            if (entry == null) {
                return null;
            }
            bytes += entry.delta().bytes();
            if (bytes > settings.frameBytes() && !deltas.isEmpty()) {
                full = true;
                break;
            }
            deltas.add(entry.delta());
        }
        return new LaneMembers.Batch(next, seq, deltas, EncodedDelta.join(deltas), full);
    }

    /** With labels: commits that mean nothing to the interest are passed over; the cursor advances all the same. */
    private void writeMatching(Ring ring, long tail, LabelView labels) {
        WatchSettings settings = stream.settings();
        List<EncodedDelta> deltas = new ArrayList<>();
        long bytes = 0;
        long seq = next;
        long end = Math.min(tail, next + ENTRIES_JUDGED_A_STEP);
        long reached = written;
        for (; seq < end && deltas.size() < settings.frameCommits() && bytes < settings.frameBytes(); seq++) {
            HistoryEntry entry = ring.get(seq);
            if (entry == null) {
                break;
            }
            reached = entry.revision();
            LabelView.Told meaning = labels.told(entry);
            if (meaning.changes() > 0) {
                deltas.add(encode(reached, meaning.changes(), meaning.bytes(), false));
                bytes += meaning.bytes().length;
            }
        }
        if (seq == next) {
            beginSnapshot(SnapshotReason.COMPACTED);
            return;
        }
        next = seq;
        written = reached;
        if (!deltas.isEmpty()) {
            live();
            stream.stats().commitsWritten.add(deltas.size());
            stream.write(new Frame.Deltas(id, deltas));
        } else if (state == State.PLACED && next >= ring.tail()) {
            live();
            stream.write(new Frame.Heartbeat(id, 0, stream.cursor(written)));
        }
    }

    private void writeCoalesced(Ring ring, long tail) {
        List<Change> net = Coalescer.netChanges(ring, next, tail, snapshots().interest());
        HistoryEntry newest = ring.get(tail - 1);
        if (net == null || newest == null) {
            beginSnapshot(SnapshotReason.COMPACTED);
            return;
        }
        byte[] bytes = stream.encoding().changes(net);
        if (bytes.length > stream.settings().partBytes()) {
            beginSnapshot(SnapshotReason.LAGGED);
            return;
        }
        EncodedDelta delta = encode(newest.revision(), net.size(), bytes, true);
        next = tail;
        written = newest.revision();
        live();
        stream.stats().coalesced.increment();
        stream.write(new Frame.Deltas(id, List.of(delta)));
    }

    private EncodedDelta encode(long revision, int changes, byte[] bytes, boolean coalesced) {
        byte[] head = stream.encoding().deltaHead(told, revision, coalesced, bytes.length);
        EncodedDelta delta = new EncodedDelta(told, revision, changes, head, bytes);
        told = revision;
        return delta;
    }

    /**
     * What it has yet to be told: changes, encoded bytes, and when the oldest of them was published. Where its place was
     * evicted, what the ring still has after it: it lacks at least that.
     */
    Pending pending() {
        Ring ring = scope.ring();
        long tail = ring.tail();
        HistoryEntry first = next < tail ? ring.get(next) : null;
        if (first == null && next < tail) {
            first = ring.get(ring.after(written));
        }
        HistoryEntry newest = next < tail ? ring.get(tail - 1) : null;
        if (first == null || newest == null) {
            return Pending.NOTHING;
        }
        return new Pending(
                newest.changesBefore() + newest.delta().changeCount() - first.changesBefore(),
                newest.bytesBefore() + newest.delta().bytes() - first.bytesBefore(),
                first.publishedNanos());
    }

    /** How far a subscription is behind; {@code sinceNanos} only means something with changes. */
    record Pending(long changes, long bytes, long sinceNanos) {
        static final Pending NOTHING = new Pending(0, 0, 0);
    }

    /** What it watches. */
    Interest interest() {
        return snapshots().interest();
    }

    /** Where it stands on the slow-client ladder. */
    LadderStep ladderStep() {
        return switch (state) {
            case SNAPSHOT -> LadderStep.SNAPSHOT;
            case AHEAD, ENDED -> LadderStep.EXACT;
            case PLACED, LIVE -> {
                Ring ring = scope.ring();
                long tail = ring.tail();
                HistoryEntry first = next < tail ? ring.get(next) : null;
                if (next < tail && first == null) {
                    yield LadderStep.SNAPSHOT;
                }
                yield coalesce && first != null && isFarBehind(ring, first, tail)
                        ? LadderStep.COALESCED
                        : LadderStep.EXACT;
            }
        };
    }

    SubscriptionFigures figures(long published) {
        Pending pending = pending();
        return new SubscriptionFigures(
                id, interest(), state.name(), ladderStep(), covered(published), pending.changes(), pending.bytes());
    }

    Cursor writtenCursor() {
        return stream.cursor(written);
    }
}
