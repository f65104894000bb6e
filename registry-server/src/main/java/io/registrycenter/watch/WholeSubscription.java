package io.registrycenter.watch;

import org.jspecify.annotations.Nullable;

/** A subscription to everything in its scope: told each commit in the bytes that all such subscriptions share. */
final class WholeSubscription extends Subscription {

    WholeSubscription(WatchStream stream, long id, boolean coalesce, Scope scope, LaneMembers members) {
        super(stream, id, coalesce, scope, members);
    }

    /** As many commits as one message may have: a slice of what the ring has encoded already. */
    @Override
    void writeNext(Ring ring, HistoryEntry first, long tail) {
        HistoryEntry last = lastOfMessage(ring, first, tail);
        if (last == null) {
            beginSnapshot(SnapshotReason.COMPACTED);
            return;
        }
        int commits = (int) (last.seq() + 1 - first.seq());
        pass(last.seq() + 1, last.revision());
        writeDeltas(last.revision(), new Frame.Deltas(id(), commits, Tape.between(first, last)));
    }

    /** Null when it was evicted meanwhile. */
    private @Nullable HistoryEntry lastOfMessage(Ring ring, HistoryEntry first, long tail) {
        WatchSettings settings = hub().settings();
        long seq = Math.min(tail, first.seq() + settings.frameCommits()) - 1;
        HistoryEntry last = ring.get(seq);
        while (last != null && seq > first.seq() && last.bytesUpTo() - first.bytesBefore() > settings.frameBytes()) {
            seq--;
            last = ring.get(seq);
        }
        return last;
    }

    @Override
    SnapshotCache snapshots() {
        return scope().snapshots();
    }

    @Override
    void release() {
        // The scope is all it shares.
    }
}
