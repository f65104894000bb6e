package io.registrycenter.watch;

import io.registrycenter.catalog.Cursor;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one stream, by id. Confined to the stream's lane.
 *
 * <p>Most streams have one, which stands here by itself.
 */
final class Subscriptions {

    private @Nullable Subscription only;

    /** As soon as there are more. */
    private @Nullable Map<Long, Subscription> several;

    int size() {
        if (several != null) {
            return several.size();
        }
        return only == null ? 0 : 1;
    }

    boolean has(long id) {
        return several != null ? several.containsKey(id) : only != null && only.id() == id;
    }

    /** Adds one whose id is free. */
    void add(Subscription subscription) {
        if (several == null && only == null) {
            only = subscription;
            return;
        }
        if (several == null) {
            several = new HashMap<>();
        }
        if (only != null) {
            several.put(only.id(), only);
            only = null;
        }
        several.put(subscription.id(), subscription);
    }

    /** Null when there is none with this id. */
    @Nullable
    Subscription remove(long id) {
        if (several != null) {
            return several.remove(id);
        }
        Subscription gone = has(id) ? only : null;
        if (gone != null) {
            only = null;
        }
        return gone;
    }

    /** All of them, not to be kept. */
    Collection<Subscription> all() {
        if (several != null) {
            return several.values();
        }
        return only == null ? List.of() : List.of(only);
    }

    void clear() {
        only = null;
        several = null;
    }

    /**
     * The lowest revision written to those that have their first answer.
     *
     * @param published what the hub had published before; the answer when there is none
     */
    long answeredUpTo(long published) {
        long lowest = Long.MAX_VALUE;
        for (Subscription subscription : all()) {
            if (subscription.answered()) {
                lowest = Math.min(lowest, subscription.covered(published));
            }
        }
        return lowest == Long.MAX_VALUE ? published : lowest;
    }

    /** The lowest revision written to any; {@code published} when there is none. */
    long writtenUpTo(long published) {
        long lowest = published;
        for (Subscription subscription : all()) {
            lowest = Math.min(lowest, subscription.covered(published));
        }
        return lowest;
    }

    /** Whether one has not had its first answer yet. */
    boolean awaitAnswer() {
        for (Subscription subscription : all()) {
            if (!subscription.answered()) {
                return true;
            }
        }
        return false;
    }

    /** Of the slow-client ladder, the step of the one that stands lowest. */
    LadderStep lowestStep() {
        LadderStep lowest = LadderStep.EXACT;
        for (Subscription subscription : all()) {
            LadderStep own = subscription.ladderStep();
            lowest = own.compareTo(lowest) > 0 ? own : lowest;
        }
        return lowest;
    }

    /** What they lack, together. */
    Backlog backlog() {
        Backlog together = Backlog.NOTHING;
        for (Subscription subscription : all()) {
            together = together.plus(subscription.backlog());
        }
        return together;
    }

    /** What was written to those that have their first answer, by id. */
    Map<Long, Cursor> writtenCursors(int most) {
        Map<Long, Cursor> cursors = new HashMap<>();
        for (Subscription subscription : all()) {
            if (subscription.answered() && cursors.size() < most) {
                cursors.put(subscription.id(), subscription.writtenCursor());
            }
        }
        return cursors;
    }
}
