package io.registrycenter.watch;

import io.registrycenter.catalog.Cursor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The subscriptions of one stream whose cursor is ahead of this server. Confined to the stream's lane.
 *
 * <p>Such a cursor waits for this server to catch up. When the store itself proves that it never had that revision, the
 * history was lost and the client is told the state as it is; when nothing can be proven in time, it is sent elsewhere.
 */
final class FutureCursors {

    private record Waiting(Subscription subscription, Cursor from, long untilNanos) {}

    private final WatchStream stream;
    private final Lane lane;
    private final Hub hub;
    private final List<Waiting> waiting = new ArrayList<>(0);

    FutureCursors(WatchStream stream, Lane lane, Hub hub) {
        this.stream = stream;
        this.lane = lane;
        this.hub = hub;
    }

    void add(Subscription subscription, Cursor from) {
        subscription.ahead(from.revision());
        Waiting added = new Waiting(
                subscription, from, hub.now() + hub.settings().aheadWait().toNanos());
        waiting.add(added);
        prove(added, false);
    }

    void tick(long nowNanos) {
        if (waiting.isEmpty()) {
            return;
        }
        Iterator<Waiting> walk = waiting.iterator();
        List<Waiting> late = new ArrayList<>(0);
        while (walk.hasNext()) {
            Waiting next = walk.next();
            if (next.subscription().state() != Subscription.State.AHEAD || placed(next)) {
                walk.remove();
            } else if (next.untilNanos() - nowNanos <= 0) {
                walk.remove();
                late.add(next);
            }
        }
        late.forEach(next -> prove(next, true));
    }

    void clear() {
        waiting.clear();
    }

    private void prove(Waiting waiter, boolean late) {
        Subscription subscription = waiter.subscription();
        var unused = hub.headProof()
                .head()
                .whenComplete((head, failure) -> lane.execute(() -> {
                    if (subscription.state() != Subscription.State.AHEAD || placed(waiter)) {
                        return;
                    }
                    if (failure == null && head < subscription.written()) {
                        subscription.beginSnapshot(SnapshotReason.REVISION_AHEAD);
                        stream.wake(subscription);
                    } else if (late) {
                        stream.subscriptions().behind(subscription);
                    }
                }));
    }

    /** This server has caught up: only now it knows the mark of that revision. */
    private boolean placed(Waiting waiter) {
        if (waiter.from().revision() > hub.published()) {
            return false;
        }
        waiter.subscription().resume(waiter.from());
        stream.wake(waiter.subscription());
        return true;
    }
}
