package io.registrycenter.watch;

import io.registrycenter.catalog.Cursor;
import java.util.function.LongFunction;

/** One subscription's way through the parts of a snapshot, which it holds as long. Confined to the stream's lane. */
final class SnapshotReading {

    private final SnapshotCache cache;
    private final SnapshotImage image;
    private final SnapshotReason reason;

    /** Every part has the same, whatever the marks kept meanwhile. */
    private final Cursor cursor;

    private int nextPart;

    /**
     * @param newest the scope's newest commit: the snapshot is of it or later
     * @param cursors the cursor of a revision
     */
    SnapshotReading(SnapshotCache cache, long newest, SnapshotReason reason, LongFunction<Cursor> cursors) {
        this.cache = cache;
        this.image = cache.hold(newest);
        this.reason = reason;
        this.cursor = cursors.apply(image.revision());
    }

    SnapshotReason reason() {
        return reason;
    }

    long revision() {
        return image.revision();
    }

    /** Whether it must start again: the snapshot was dropped under pressure. */
    boolean dropped() {
        return image.dropped();
    }

    boolean isRead() {
        return nextPart == image.parts().size();
    }

    /** The part that comes now; not when all {@link #isRead is read}. */
    Frame.Snapshot nextPart(long subscriptionId) {
        int part = nextPart++;
        return new Frame.Snapshot(
                subscriptionId, reason, cursor, image.parts().get(part), part, isRead(), image.total());
    }

    /** Once. */
    void letGo() {
        cache.letGo(image);
    }
}
