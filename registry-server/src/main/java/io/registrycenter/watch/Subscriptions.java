package io.registrycenter.watch;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;
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

    private static final Duration FULL_RETRY_AFTER = Duration.ofSeconds(30);

    private @Nullable Subscription only;

    /** As soon as there are more. */
    private @Nullable Map<Long, Subscription> several;

    /** Made when a cursor is from the future: few are. */
    private @Nullable FutureCursors future;

    /** What a client asks for. */
    record Wish(long id, Interest interest, boolean coalesce) {}

    /**
     * Adds a subscription, or tells the client why not.
     *
     * @param wish with an id that is free
     * @param from the resume point; null: start with a snapshot
     */
    void open(WatchStream stream, Lane lane, Wish wish, @Nullable Cursor from) {
        Hub hub = stream.hub();
        int limit = hub.settings().subscriptionsPerStream();
        if (size() >= limit) {
            hub.stats().refused(WatchStream.SUBSCRIPTIONS_PER_STREAM);
            Refusal why = new Refusal.LimitExceeded(
                    WatchStream.SUBSCRIPTIONS_PER_STREAM, limit, size() + 1L, FULL_RETRY_AFTER);
            stream.answer(SubscriptionEnds.refused(wish.id(), why));
            return;
        }
        Subscription subscription = hub.attach(stream, lane, wish.id(), wish.interest(), wish.coalesce());
        add(subscription);
        hub.stats().subscriptions.increment();
        if (from == null) {
            subscription.beginSnapshot(SnapshotReason.INITIAL);
        } else if (!from.epoch().equals(hub.epoch())) {
            subscription.beginSnapshot(SnapshotReason.EPOCH_CHANGED);
        } else if (from.revision() <= hub.published()) {
            subscription.resume(from);
        } else {
            future = future == null ? new FutureCursors(stream, lane, hub) : future;
            future.add(subscription, from);
        }
        stream.wake(subscription);
    }

    /** Lets those whose cursors this server has reached go on, and those that have waited too long go. */
    void tick(long nowNanos) {
        if (future != null) {
            future.tick(nowNanos);
        }
    }

    /** Ends one; none with this id is fine. */
    void forget(WatchStream stream, long id) {
        Subscription gone = remove(id);
        if (gone == null) {
            return;
        }
        stream.outbox().remove(gone);
        gone.end();
        stream.hub().stats().subscriptions.decrement();
    }

    /** This server has not reached the subscription's cursor in time: the client tries another. */
    void behind(Subscription subscription) {
        WatchStream stream = subscription.stream();
        Hub hub = stream.hub();
        Cursor asked = subscription.writtenCursor();
        forget(stream, subscription.id());
        stream.answer(SubscriptionEnds.behind(subscription.id(), asked, hub.cursor(hub.published())));
    }

    /** No snapshot may be built for the subscription now: the client comes back for it. */
    void snapshotRefused(Subscription subscription, Refusal.LimitExceeded why) {
        WatchStream stream = subscription.stream();
        stream.hub().stats().refused(why.limit());
        forget(stream, subscription.id());
        stream.answer(SubscriptionEnds.refused(subscription.id(), why));
    }

    /** Ends all of them. */
    void endAll(Hub hub) {
        hub.stats().subscriptions.add(-size());
        all().forEach(Subscription::end);
        only = null;
        several = null;
        future = null;
    }

    int size() {
        if (several != null) {
            return several.size();
        }
        return only == null ? 0 : 1;
    }

    /** Whether a new subscription may have this id; one that may not ends the stream. */
    boolean isFree(WatchStream stream, long id) {
        if (id == 0) {
            stream.invalid("subscription_id must be > 0, was 0");
            return false;
        }
        if (has(id)) {
            stream.invalid("subscription_id must be unique on the stream, " + Long.toUnsignedString(id) + " is taken");
            return false;
        }
        return true;
    }

    private boolean has(long id) {
        return several != null ? several.containsKey(id) : only != null && only.id() == id;
    }

    private void add(Subscription subscription) {
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

    private @Nullable Subscription remove(long id) {
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
            LadderStep own = SubscriptionLook.ladderStep(subscription);
            lowest = own.compareTo(lowest) > 0 ? own : lowest;
        }
        return lowest;
    }

    /** What they lack, together. */
    Backlog backlog() {
        Backlog together = Backlog.NOTHING;
        for (Subscription subscription : all()) {
            together = together.plus(SubscriptionLook.backlog(subscription));
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
