package io.registrycenter.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The subscriptions of one scope on one lane. Confined to the lane, but for {@link #wake}. */
final class LaneMembers {

    private final Lane lane;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final AtomicBoolean dirty = new AtomicBoolean();

    /** Read by the applier; written on the lane. A subscription is counted before it looks at the ring's tail. */
    private volatile int count;

    /** Grows when a subscription leaves, which moves another: a walk in progress starts again. */
    private long departures;

    LaneMembers(Lane lane) {
        this.lane = lane;
    }

    /** Any thread. */
    void wake(Scope scope, long publishedNanos) {
        if (count > 0 && dirty.compareAndSet(false, true)) {
            lane.enqueue(scope, this, publishedNanos);
        }
    }

    /** Before the walk, so that a commit published during it wakes the lane again. */
    void clearDirty() {
        dirty.set(false);
    }

    void add(Subscription subscription) {
        subscription.memberIndex = subscriptions.size();
        subscriptions.add(subscription);
        count = subscriptions.size();
    }

    void remove(Subscription subscription) {
        int last = subscriptions.size() - 1;
        Subscription moved = subscriptions.get(last);
        subscriptions.set(subscription.memberIndex, moved);
        moved.memberIndex = subscription.memberIndex;
        subscriptions.remove(last);
        departures++;
        count = last;
    }

    int size() {
        return subscriptions.size();
    }

    Subscription get(int index) {
        return subscriptions.get(index);
    }

    long departures() {
        return departures;
    }
}
