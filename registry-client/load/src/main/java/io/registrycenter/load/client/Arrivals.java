package io.registrycenter.load.client;

import java.util.Arrays;

/** When which revision arrived, in the order of arrival; at most four million, more are counted. Confined to one loop. */
public final class Arrivals {
    private static final int LIMIT = 4_000_000;

    private long[] revisions = new long[1 << 16];
    private long[] nanos = new long[1 << 16];
    private int size;
    private long dropped;

    void add(long revision, long atNanos) {
        if (size == LIMIT) {
            dropped++;
            return;
        }
        if (size == revisions.length) {
            int larger = Math.min(LIMIT, size * 2);
            revisions = Arrays.copyOf(revisions, larger);
            nanos = Arrays.copyOf(nanos, larger);
        }
        revisions[size] = revision;
        nanos[size] = atNanos;
        size++;
    }

    int size() {
        return size;
    }

    long dropped() {
        return dropped;
    }

    long revision(int i) {
        return revisions[i];
    }

    long nanos(int i) {
        return nanos[i];
    }
}
