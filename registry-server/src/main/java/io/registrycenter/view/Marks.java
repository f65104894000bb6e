package io.registrycenter.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.util.Arrays;
import java.util.List;

/**
 * The marks of the newest revisions: for each the checksum of all instances as they stood there.
 *
 * <p>The checksum is the sum, modulo 2^64, of one number for each instance ({@link InstanceSum}). So it depends on the state
 * alone, not on the way to it: every server of one store computes the same, wherever its reading began, and nothing needs to be
 * stored for it. Two histories that differ in what a client can know at a revision have different marks there.
 *
 * <p>Only revisions that changed an instance take an entry, of 16 bytes; at most {@value #MOST_ENTRIES} are kept, then the oldest
 * goes. Written by the applier thread, read by any.
 */
final class Marks {

    /** More than the history of a node has room for by default, in 8 MiB; they are taken as they are needed. */
    static final int MOST_ENTRIES = 1 << 19;

    private static final int FIRST_ENTRIES = 1 << 10;

    private final int mostEntries;

    /** Of the applier thread alone. */
    private final InstanceSum instanceSum = new InstanceSum();

    /** A ring: the revisions that changed an instance, ascending, and the sum that holds from each of them on. */
    @GuardedBy("this")
    private long[] revisions = new long[FIRST_ENTRIES];

    @GuardedBy("this")
    private long[] sums = new long[FIRST_ENTRIES];

    /** Index of the oldest entry. */
    @GuardedBy("this")
    private int first;

    @GuardedBy("this")
    private int size;

    /** Everything up to this revision is in the sums. */
    @GuardedBy("this")
    private long reached;

    Marks() {
        this(MOST_ENTRIES);
    }

    Marks(int mostEntries) {
        this.mostEntries = mostEntries;
        add(0, 0);
    }

    /** Begins anew with a complete state: nothing is known of what was before this revision. */
    void begin(long revision, List<InstanceChange> state) {
        long sum = change(0, state);
        synchronized (this) {
            first = 0;
            size = 0;
            reached = revision;
            add(revision, sum);
        }
    }

    /** A commit that changed these instances; before anybody can see them. */
    void applied(long revision, List<InstanceChange> changes) {
        if (changes.isEmpty()) {
            passed(revision);
            return;
        }
        long sum = change(newest(), changes);
        synchronized (this) {
            reached = revision;
            add(revision, sum);
        }
    }

    /** Nothing changed up to this revision. */
    synchronized void passed(long revision) {
        reached = revision;
    }

    /** The mark of a revision; {@link Cursor#NO_MARK} for one that is not reached yet, or older than what is kept. */
    synchronized long at(long revision) {
        int entry = entryAt(revision);
        return entry < 0 || revision > reached ? Cursor.NO_MARK : mark(sums[at(entry)]);
    }

    /** The oldest revision whose mark is known. */
    synchronized long oldest() {
        return revisions[first];
    }

    private static long mark(long sum) {
        return sum == Cursor.NO_MARK ? 1 : sum;
    }

    private long change(long sum, List<InstanceChange> changes) {
        long now = sum;
        for (InstanceChange change : changes) {
            if (change.before() != null) {
                now -= instanceSum.of(change.key(), change.before());
            }
            if (change.after() != null) {
                now += instanceSum.of(change.key(), change.after());
            }
        }
        return now;
    }

    private synchronized long newest() {
        return sums[at(size - 1)];
    }

    /** The last entry at or below a revision, counted from the oldest; -1 when the oldest is above it. */
    @GuardedBy("this")
    private int entryAt(long revision) {
        int low = 0;
        int high = size;
        // Most are asked for the newest.
        if (revision >= revisions[at(size - 1)]) {
            return size - 1;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (revisions[at(middle)] <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    @GuardedBy("this")
    private void add(long revision, long sum) {
        if (size == mostEntries) {
            first = at(1);
            size--;
        } else if (size == revisions.length) {
            grow();
        }
        revisions[at(size)] = revision;
        sums[at(size)] = sum;
        size++;
    }

    @GuardedBy("this")
    private void grow() {
        int length = Math.min(mostEntries, revisions.length * 2);
        revisions = unrolled(revisions, length);
        sums = unrolled(sums, length);
        first = 0;
    }

    @GuardedBy("this")
    private long[] unrolled(long[] ring, int length) {
        long[] longer = Arrays.copyOfRange(ring, first, first + length);
        System.arraycopy(ring, 0, longer, ring.length - first, first);
        return longer;
    }

    @GuardedBy("this")
    private int at(int entry) {
        return (first + entry) % revisions.length;
    }
}
