package io.registrycenter.watch;

/** A subscription to everything in its scope: told each commit in the bytes that all such subscriptions share. */
final class WholeSubscription extends Subscription {

    WholeSubscription(WatchStream stream, long id, boolean coalesce, Scope scope, LaneMembers members) {
        super(stream, id, coalesce, scope, members);
    }

    @Override
    void writeNext(Ring ring, long tail) {
        Batch batch = members().batch();
        if (batch == null || !batch.serves(next(), tail)) {
            batch = Batch.gather(ring, next(), tail, hub().settings());
            if (batch == null) {
                beginSnapshot(SnapshotReason.COMPACTED);
                return;
            }
            members().batch(batch);
        }
        pass(batch.to(), batch.revision());
        writeDeltas(batch.revision(), new Frame.Deltas(id(), batch.deltas(), batch.joined()));
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
