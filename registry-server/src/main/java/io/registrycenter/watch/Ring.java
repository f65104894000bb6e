package io.registrycenter.watch;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The recent commits of one scope, oldest first. One writer (under the history's lock), any number of readers.
 *
 * <p>A reader holds a sequence number and nothing else. It reads {@link #tail} first; every entry below it is either there
 * or was evicted, in which case {@link #get} is null and {@link #floor} is above the reader's revision.
 */
final class Ring {

    private static final int FIRST_SIZE = 16;

    /** Slots by sequence number modulo length (a power of two); replaced as a whole when it grows. */
    private volatile AtomicReferenceArray<@Nullable HistoryEntry> slots = new AtomicReferenceArray<>(FIRST_SIZE);

    private volatile long head;
    private volatile long tail;
    private volatile long floor;

    /**
     * An empty ring.
     *
     * @param floor cursors below this revision may miss something that was never in this ring
     */
    Ring(long floor) {
        this.floor = floor;
    }

    /** Sequence number of the next entry. */
    long tail() {
        return tail;
    }

    /** A cursor at this revision or above misses nothing that was evicted. */
    long floor() {
        return floor;
    }

    int size() {
        return (int) (tail - head);
    }

    /** The entry, or null when it was evicted (or is not there yet). */
    @Nullable
    HistoryEntry get(long seq) {
        AtomicReferenceArray<@Nullable HistoryEntry> now = slots;
        HistoryEntry entry = now.get((int) (seq & (now.length() - 1)));
        return entry != null && entry.seq() == seq ? entry : null;
    }

    /** The first sequence number whose commit is after a revision; meaningful while the revision is not below the floor. */
    long after(long revision) {
        long low = head;
        long high = tail;
        while (low < high) {
            long middle = (low + high) >>> 1;
            HistoryEntry entry = get(middle);
            if (entry == null || entry.revision() <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Writer only. */
    void append(HistoryEntry entry) {
        long end = tail;
        if (entry.seq() != end) {
            throw new IllegalStateException("entry " + entry.seq() + " appended at " + end);
        }
        AtomicReferenceArray<@Nullable HistoryEntry> now = slots;
        if (end - head == now.length()) {
            now = grown(now);
            slots = now;
        }
        now.set((int) (end & (now.length() - 1)), entry);
        tail = end + 1;
    }

    /** Writer only. Null when the ring is empty. */
    @Nullable
    HistoryEntry evictOldest() {
        long first = head;
        if (first == tail) {
            return null;
        }
        HistoryEntry oldest = get(first);
        if (oldest == null) {
            throw new IllegalStateException("the oldest entry " + first + " is missing");
        }
        // The floor rises first: a reader that finds the slot empty must find its cursor below the floor.
        floor = Math.max(floor, oldest.revision());
        AtomicReferenceArray<@Nullable HistoryEntry> now = slots;
        now.set((int) (first & (now.length() - 1)), null);
        head = first + 1;
        return oldest;
    }

    /** Lets go of everything: cursors below this revision may miss something. Sequence numbers go on. Writer only. */
    void restart(long newFloor) {
        floor = Math.max(floor, newFloor);
        while (evictOldest() != null) {
            // The next.
        }
    }

    /** Writer only. Null when the ring is empty. */
    @Nullable
    HistoryEntry oldest() {
        return head == tail ? null : get(head);
    }

    /** Writer only. Null when the ring is empty. */
    @Nullable
    HistoryEntry newest() {
        return head == tail ? null : get(tail - 1);
    }

    private AtomicReferenceArray<@Nullable HistoryEntry> grown(AtomicReferenceArray<@Nullable HistoryEntry> old) {
        AtomicReferenceArray<@Nullable HistoryEntry> larger = new AtomicReferenceArray<>(old.length() * 2);
        for (long seq = head; seq < tail; seq++) {
            larger.set((int) (seq & (larger.length() - 1)), old.get((int) (seq & (old.length() - 1))));
        }
        return larger;
    }
}
