package io.registrycenter.watch;

import java.util.ArrayList;
import java.util.List;

/**
 * A subscription to what matches labels. Commits that mean nothing to it are passed over; its cursor advances all the same, and
 * what it is told is chained by what it was told before.
 */
final class LabelSubscription extends Subscription {

    private static final int ENTRIES_JUDGED_A_STEP = 1_024;

    private final LabelView labels;

    LabelSubscription(
            WatchStream stream, long id, boolean coalesce, Scope scope, LaneMembers members, LabelView labels) {
        super(stream, id, coalesce, scope, members);
        this.labels = labels;
    }

    @Override
    void writeNext(Ring ring, HistoryEntry first, long tail) {
        WatchSettings settings = hub().settings();
        List<Slice> encoded = new ArrayList<>();
        int commits = 0;
        long bytes = 0;
        long seq = next();
        long end = Math.min(tail, seq + ENTRIES_JUDGED_A_STEP);
        long reached = written();
        long told = 0;
        for (; seq < end && commits < settings.frameCommits() && bytes < settings.frameBytes(); seq++) {
            HistoryEntry entry = ring.get(seq);
            if (entry == null) {
                break;
            }
            reached = entry.revision();
            LabelView.Told meaning = labels.told(entry);
            if (meaning.changes() > 0) {
                encode(reached, meaning.bytes(), false, encoded);
                commits++;
                bytes += meaning.bytes().length;
                told = reached;
            }
        }
        if (seq == next()) {
            beginSnapshot(SnapshotReason.COMPACTED);
            return;
        }
        pass(seq, reached);
        if (commits > 0) {
            writeDeltas(told, new Frame.Deltas(id(), commits, encoded));
        } else if (state() == State.PLACED && next() >= ring.tail()) {
            writeNothingMissed();
        }
    }

    @Override
    SnapshotCache snapshots() {
        return labels.snapshots();
    }

    @Override
    void release() {
        scope().release(labels);
    }
}
