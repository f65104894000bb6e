package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Every snapshot that is in memory, for a cache or for a reader that is not through with it, inside one budget. Any thread.
 *
 * <p>Above the budget the oldest that was superseded is dropped: its slow readers start again with the newest, so that any
 * number of them hold one image and not one each. The newest image of an interest is never dropped, or readers of several
 * interests could push each other out for ever.
 */
final class SnapshotShelf {

    private final long maxBytes;

    /** Oldest first. */
    @GuardedBy("this")
    private final Set<SnapshotImage> images = new LinkedHashSet<>();

    @GuardedBy("this")
    private long bytes;

    @GuardedBy("this")
    private long dropped;

    SnapshotShelf(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** A new image, held by its cache. */
    synchronized void add(SnapshotImage image) {
        image.hold();
        images.add(image);
        bytes += image.bytes();
        Iterator<SnapshotImage> oldestFirst = images.iterator();
        while (bytes > maxBytes && oldestFirst.hasNext()) {
            SnapshotImage oldest = oldestFirst.next();
            if (oldest.superseded()) {
                oldest.drop();
                oldestFirst.remove();
                bytes -= oldest.bytes();
                dropped++;
            }
        }
    }

    /**
     * Whether another snapshot may be built, however large it gets. Where they take all they may, those go that nobody reads, and
     * those that were superseded, whose readers start again.
     */
    synchronized boolean hasRoom() {
        Iterator<SnapshotImage> oldestFirst = images.iterator();
        while (bytes >= maxBytes && oldestFirst.hasNext()) {
            SnapshotImage oldest = oldestFirst.next();
            if (oldest.dropIdle() || oldest.superseded()) {
                oldest.drop();
                oldestFirst.remove();
                bytes -= oldest.bytes();
                dropped++;
            }
        }
        return bytes < maxBytes;
    }

    long maxBytes() {
        return maxBytes;
    }

    /** A holder is through with it. */
    void letGo(SnapshotImage image) {
        if (image.letGo()) {
            synchronized (this) {
                remove(image);
            }
        }
    }

    @GuardedBy("this")
    private void remove(SnapshotImage image) {
        if (images.remove(image)) {
            bytes -= image.bytes();
        }
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Images dropped under pressure since the start. */
    synchronized long dropped() {
        return dropped;
    }
}
