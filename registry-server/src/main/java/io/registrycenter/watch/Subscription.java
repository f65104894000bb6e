package io.registrycenter.watch;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One interest on one watch stream: a cursor on the ring of its scope. What the commits on the ring are to it, its kinds know:
 * {@link WholeSubscription} is told each as it is, {@link LabelSubscription} what matches. Confined to the stream's lane.
 *
 * <pre>
 * AHEAD --server caught up--> PLACED --first answer written--> LIVE --history gone--> SNAPSHOT --last part--> LIVE
 *    `--store proven behind--> SNAPSHOT                PLACED --older than history, no cursor--> SNAPSHOT
 * any --unsubscribed, ended--> ENDED
 * </pre>
 */
abstract sealed class Subscription extends LaneMember permits WholeSubscription, LabelSubscription {

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

    private final WatchStream stream;
    private final long id;
    private final Scope scope;
    private final boolean coalesce;
    private final LaneMembers members;

    private State state = State.PLACED;

    /** Sequence number of the next entry of the ring to write. */
    private long next;

    /** Everything of this interest up to this revision is written. */
    private long written;

    /** The last revision told, the {@code after} of a delta that is encoded for this subscription. */
    private long told;

    /** Its first answer is written as a whole: from then on the stream's heartbeats speak for it, whatever its state. */
    private boolean answered;

    /** While in SNAPSHOT. */
    private @Nullable SnapshotReading reading;

    /** Whether it waits for its turn to write, and who comes after it. Owned by {@link Outbox}. */
    boolean queued;

    @Nullable
    Subscription nextInLine;

    Subscription(WatchStream stream, long id, boolean coalesce, Scope scope, LaneMembers members) {
        this.stream = stream;
        this.id = id;
        this.coalesce = coalesce;
        this.scope = scope;
        this.members = members;
    }

    // --- its kind ----------------------------------------------------------------------------------------------------

    /**
     * Writes at most one message of what the ring has from {@link #next} to its tail; the transport is ready.
     *
     * @param first the entry at {@link #next}
     */
    abstract void writeNext(Ring ring, HistoryEntry first, long tail);

    abstract SnapshotCache snapshots();

    /** It ends: what it shares with others of its kind is let go. */
    abstract void release();

    // --- where it stands ---------------------------------------------------------------------------------------------

    final WatchStream stream() {
        return stream;
    }

    final Hub hub() {
        return stream.hub();
    }

    final long id() {
        return id;
    }

    final Scope scope() {
        return scope;
    }

    final LaneMembers members() {
        return members;
    }

    /** Whether it may be told net changes when it is far behind. */
    final boolean coalesce() {
        return coalesce;
    }

    final State state() {
        return state;
    }

    final long next() {
        return next;
    }

    final long written() {
        return written;
    }

    final Cursor writtenCursor() {
        return hub().cursor(written);
    }

    /** Whether a heartbeat of the stream may speak for it. */
    final boolean answered() {
        return answered;
    }

    /**
     * The newest revision up to which everything is written.
     *
     * @param published what the hub had published before this call
     */
    final long covered(long published) {
        boolean drained = state == State.LIVE && next >= scope.ring().tail() && !cutOff();
        return drained ? Math.max(written, published) : written;
    }

    /**
     * Whether the history begins after what is written, so that only a snapshot leads on. Of one that has written everything on the
     * ring: the history was begun anew.
     */
    private boolean cutOff() {
        return written < scope.ring().floor();
    }

    /** What it watches. */
    final Interest interest() {
        return snapshots().interest();
    }

    /** Whether {@link #step} would write something. */
    final boolean hasMore() {
        return switch (state) {
            case AHEAD, ENDED -> false;
            case PLACED, SNAPSHOT -> true;
            case LIVE -> next < scope.ring().tail() || cutOff();
        };
    }

    // --- how it moves ------------------------------------------------------------------------------------------------

    /** Waits for this server to reach a revision. */
    final void ahead(long revision) {
        written = revision;
        told = revision;
        state = State.AHEAD;
    }

    /** Goes on after a cursor of this server's epoch that it has reached; or starts anew where its history was thrown away. */
    final void resume(Cursor from) {
        switch (hub().lineage(from)) {
            case SAME -> place(from.revision());
            case OTHER -> beginSnapshot(SnapshotReason.EPOCH_CHANGED);
            case FORGOTTEN -> beginSnapshot(SnapshotReason.COMPACTED);
        }
    }

    /** Goes on after a revision this server has. */
    private void place(long revision) {
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

    /** Starts with a complete state, or ends when it would have to be built and too many are being built. */
    final void beginSnapshot(SnapshotReason why) {
        letGoOfSnapshot();
        long newest = scope.lastRevision();
        boolean built = !snapshots().has(newest);
        Refusal.LimitExceeded refusal = built && !snapshots().shelf().hasRoom()
                ? noRoom(snapshots().shelf())
                : hub().snapshotAdmission().begin(built);
        if (refusal != null) {
            stream.subscriptions().snapshotRefused(this, refusal);
            return;
        }
        reading = new SnapshotReading(snapshots(), newest, why, hub()::cursor);
        state = State.SNAPSHOT;
        hub().stats().snapshot(why);
    }

    private Refusal.LimitExceeded noRoom(SnapshotShelf shelf) {
        return new Refusal.LimitExceeded(Hub.SNAPSHOT_BYTES, shelf.maxBytes(), shelf.bytes(), hub().snapshotRetry());
    }

    private void letGoOfSnapshot() {
        if (reading != null) {
            reading.letGo();
            reading = null;
            hub().snapshotAdmission().done();
        }
    }

    private void live() {
        state = State.LIVE;
        answered = true;
    }

    /** Leaves its scope. A second call does nothing. */
    final void end() {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        letGoOfSnapshot();
        members.remove(this);
        release();
        scope.detach();
    }

    @Override
    final void wake() {
        stream.wake(this);
    }

    // --- what it writes ----------------------------------------------------------------------------------------------

    /** Writes at most one message; the transport must be ready. */
    final void step() {
        switch (state) {
            case AHEAD, ENDED -> {}
            case SNAPSHOT -> writePart();
            case PLACED, LIVE -> writeCommits();
        }
    }

    private void writePart() {
        SnapshotReading now = reading;
        if (now == null) {
            throw new IllegalStateException("no snapshot to write");
        }
        if (now.dropped()) {
            beginSnapshot(now.reason());
            return;
        }
        stream.write(now.nextPart(id));
        if (now.isRead()) {
            letGoOfSnapshot();
            live();
            if (!stand(now.revision())) {
                // It took the client so long to read that the history went on without it.
                beginSnapshot(SnapshotReason.COMPACTED);
            }
        }
    }

    private void writeCommits() {
        long published = hub().published();
        Ring ring = scope.ring();
        long tail = ring.tail();
        if (cutOff()) {
            beginSnapshot(SnapshotReason.COMPACTED);
            return;
        }
        skipWritten(ring, tail);
        if (next >= tail) {
            if (state == State.PLACED) {
                written = Math.max(written, published);
                writeNothingMissed();
            }
            return;
        }
        HistoryEntry first = ring.get(next);
        if (first == null || cutOff()) {
            beginSnapshot(SnapshotReason.COMPACTED);
        } else if (coalesce && Backlog.isFarBehind(ring, first, tail, hub().settings())) {
            writeCoalesced(ring, tail);
        } else {
            writeNext(ring, first, tail);
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

    /** The first answer of one that missed nothing. */
    final void writeNothingMissed() {
        live();
        stream.write(new Frame.Heartbeat(id, 0, writtenCursor()));
    }

    /** Writes commits, the last of them told at a revision; {@link #pass} says how far they reach. */
    final void writeDeltas(long lastTold, Frame.Deltas deltas) {
        told = lastTold;
        live();
        hub().stats().commitsWritten.add(deltas.commits());
        stream.write(deltas);
    }

    /** Everything before a sequence number, up to a revision, is written or means nothing to it. */
    final void pass(long to, long revision) {
        next = to;
        written = revision;
    }

    private void writeCoalesced(Ring ring, long tail) {
        List<Change> net = Coalescer.netChanges(ring, next, tail, snapshots().interest());
        HistoryEntry newest = ring.get(tail - 1);
        if (net == null || newest == null) {
            beginSnapshot(SnapshotReason.COMPACTED);
            return;
        }
        byte[] bytes = hub().encoding().changes(net);
        if (bytes.length > hub().settings().partBytes()) {
            beginSnapshot(SnapshotReason.LAGGED);
            return;
        }
        List<Slice> encoded = new ArrayList<>(2);
        encode(newest.revision(), bytes, true, encoded);
        pass(tail, newest.revision());
        live();
        hub().stats().coalesced.increment();
        stream.write(new Frame.Deltas(id, 1, encoded));
    }

    /** Adds a delta for this subscription alone, chained to the one before. */
    final void encode(long revision, byte[] changes, boolean coalesced, List<Slice> to) {
        to.add(Slice.of(hub().encoding().deltaHead(told, revision, hub().mark(revision), coalesced, changes.length)));
        to.add(Slice.of(changes));
        told = revision;
    }
}
