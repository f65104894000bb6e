package io.registrycenter.store.etcd;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * How far the history reaches, as this server knows it: from what it wrote itself and what it was told. Both ends only move
 * forward. For any thread.
 */
final class Heads {

    /** Until there is one to measure. */
    private static final long ASSUMED_BYTES = 512;

    private final AtomicLong head;
    private final AtomicLong floor;
    private final long born;

    /** The newest commit of this server. */
    private final AtomicLong own = new AtomicLong();

    private final LongAdder writes = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /** @param born the revision at which the history was begun; nothing of it is older */
    Heads(long born, long floor, long head) {
        this.born = born;
        this.floor = new AtomicLong(floor);
        this.head = new AtomicLong(head);
    }

    long born() {
        return born;
    }

    long head() {
        return head.get();
    }

    long own() {
        return own.get();
    }

    long floor() {
        return floor.get();
    }

    void reached(long revision) {
        head.accumulateAndGet(revision, Math::max);
    }

    void compacted(long revision) {
        floor.accumulateAndGet(revision, Math::max);
    }

    /** A commit of this server. Those that share a revision one after the other. */
    void committed(long revision, long size) {
        if (own.getAndAccumulate(revision, Math::max) != revision) {
            writes.increment();
        }
        bytes.add(size);
        reached(revision);
    }

    /** Revisions this server wrote. */
    long writes() {
        return writes.sum();
    }

    /** An estimate: revisions above the floor, each as large as those this server wrote are on average. */
    long historyBytes() {
        long revisions = head() - Math.max(floor(), born);
        long measured = writes.sum();
        long each = measured == 0 ? ASSUMED_BYTES : Math.max(1, bytes.sum() / measured);
        return Math.max(0, revisions) * each;
    }
}
