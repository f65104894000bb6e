package io.registrycenter.load.client;

import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * Holds a saturating writer when the slowest watcher is too many acknowledged changes behind, so that a run measures
 * what is delivered and not how long a backlog grows. Confined to the writer's loop.
 */
final class Brake {
    private final LongSupplier slowest;
    private final int mostBehind;
    private final ArrayDeque<Long> undelivered = new ArrayDeque<>();

    /**
     * @param slowest lowest revision that every watcher has applied; any thread
     * @param mostBehind changes that may be acknowledged and not yet delivered everywhere
     */
    Brake(LongSupplier slowest, int mostBehind) {
        this.slowest = slowest;
        this.mostBehind = mostBehind;
    }

    /** Never holds. */
    static Brake none() {
        return new Brake(() -> Long.MAX_VALUE, 1);
    }

    void acked(long revision) {
        undelivered.add(revision);
    }

    boolean holds() {
        long everywhere = slowest.getAsLong();
        for (Long first = undelivered.peek(); first != null && first <= everywhere; first = undelivered.peek()) {
            undelivered.remove();
        }
        return undelivered.size() >= mostBehind;
    }
}
