package io.registrycenter.watch;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The complete state of one interest at one revision, encoded once and shared by every stream that is told.
 *
 * <p>The content does not change while anybody reads it. Whoever holds an image counts itself in and out, so that {@link SnapshotShelf} knows what is
 * still in memory; an image that was dropped under pressure is read no further.
 */
final class SnapshotImage {

    /** So far below zero that no number of holders comes near. */
    private static final int NOT_TO_BE_HELD = Integer.MIN_VALUE / 2;

    private final long revision;
    private volatile List<Encoding.Part> parts;
    private final int total;
    private final long builtNanos;
    private final long bytes;
    private final AtomicInteger holders = new AtomicInteger();
    private volatile boolean superseded;
    private volatile boolean dropped;

    /**
     * An image nobody holds yet.
     *
     * @param parts at least one
     * @param total instances in all parts
     * @param builtNanos when, on the hub's clock
     */
    SnapshotImage(long revision, List<Encoding.Part> parts, int total, long builtNanos) {
        this.revision = revision;
        this.parts = parts;
        this.total = total;
        this.builtNanos = builtNanos;
        this.bytes = parts.stream().mapToLong(part -> part.bytes().length).sum();
    }

    long revision() {
        return revision;
    }

    List<Encoding.Part> parts() {
        return parts;
    }

    int total() {
        return total;
    }

    long builtNanos() {
        return builtNanos;
    }

    long bytes() {
        return bytes;
    }

    /** One holder more; false when it was dropped while nobody read it. */
    boolean hold() {
        return holders.incrementAndGet() > 0;
    }

    /** One holder less; true when that was the last. */
    boolean letGo() {
        return holders.decrementAndGet() == 0;
    }

    /** Drops it with its content when only its cache holds it; then nobody gets hold of it any more. */
    boolean dropIdle() {
        if (!holders.compareAndSet(1, NOT_TO_BE_HELD)) {
            return false;
        }
        dropped = true;
        parts = List.of();
        return true;
    }

    /** Its cache has a newer one, or none any more: only readers that are not through hold it. */
    void supersede() {
        superseded = true;
    }

    boolean superseded() {
        return superseded;
    }

    /** Its readers start again with the newest. */
    void drop() {
        dropped = true;
    }

    boolean dropped() {
        return dropped;
    }
}
