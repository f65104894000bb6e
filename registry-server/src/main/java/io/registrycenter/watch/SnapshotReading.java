package io.registrycenter.watch;

import io.registrycenter.catalog.Cursor;

/** One subscription's way through the parts of a snapshot, which it holds as long. Confined to the stream's lane. */
final class SnapshotReading {

    private final SnapshotCache cache;
    private final SnapshotImage image;
    private final SnapshotReason reason;
    private int nextPart;

    /** @param newest the scope's newest commit: the snapshot is of it or later */
    SnapshotReading(SnapshotCache cache, long newest, SnapshotReason reason) {
        this.cache = cache;
        this.image = cache.hold(newest);
        this.reason = reason;
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
    Frame.Snapshot nextPart(long subscriptionId, String epoch) {
        int part = nextPart++;
        return new Frame.Snapshot(
                subscriptionId,
                reason,
                new Cursor(epoch, image.revision()),
                image.parts().get(part),
                part,
                isRead(),
                image.total());
    }

    /** Once. */
    void letGo() {
        cache.letGo(image);
    }
}
