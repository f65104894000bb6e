package io.registrycenter.watch;

import org.jspecify.annotations.Nullable;

/**
 * What a subscription has yet to be told.
 *
 * @param bytes the changes, encoded
 * @param sinceNanos when the oldest of them was published; only means something with changes
 */
record Backlog(long changes, long bytes, long sinceNanos) {

    static final Backlog NOTHING = new Backlog(0, 0, 0);

    /**
     * From a place on a ring to its end. Where the place was evicted, what the ring still has after {@code written}: the
     * subscription lacks at least that.
     */
    static Backlog of(Ring ring, long next, long written) {
        long tail = ring.tail();
        @Nullable HistoryEntry first = next < tail ? ring.get(next) : null;
        if (first == null && next < tail) {
            first = ring.get(ring.after(written));
        }
        @Nullable HistoryEntry newest = next < tail ? ring.get(tail - 1) : null;
        if (first == null || newest == null) {
            return NOTHING;
        }
        return new Backlog(changes(first, newest), bytes(first, newest), first.publishedNanos());
    }

    /** Of several subscriptions together. */
    Backlog plus(Backlog other) {
        if (changes == 0) {
            return other;
        }
        if (other.changes == 0) {
            return this;
        }
        long oldest = sinceNanos - other.sinceNanos < 0 ? sinceNanos : other.sinceNanos;
        return new Backlog(changes + other.changes, bytes + other.bytes, oldest);
    }

    /** Whether more waits from an entry to the end of its ring than is told commit by commit. */
    static boolean isFarBehind(Ring ring, HistoryEntry first, long tail, WatchSettings settings) {
        HistoryEntry newest = ring.get(tail - 1);
        return newest == null
                || changes(first, newest) > settings.coalesceChanges()
                || bytes(first, newest) > settings.coalesceBytes();
    }

    private static long changes(HistoryEntry first, HistoryEntry newest) {
        return newest.changesUpTo() - first.changesBefore();
    }

    private static long bytes(HistoryEntry first, HistoryEntry newest) {
        return newest.bytesUpTo() - first.bytesBefore();
    }
}
