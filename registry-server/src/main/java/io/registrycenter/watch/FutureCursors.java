package io.registrycenter.watch;

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

    private record Waiting(Subscription subscription, long untilNanos) {}

    private final WatchStream stream;
    private final Lane lane;
    private final Hub hub;
    private final List<Waiting> waiting = new ArrayList<>(0);

    FutureCursors(WatchStream stream, Lane lane, Hub hub) {
        this.stream = stream;
        this.lane = lane;
        this.hub = hub;
    }

    void add(Subscription subscription, long revision) {
        subscription.ahead(revision);
        waiting.add(
                new Waiting(subscription, hub.now() + hub.settings().aheadWait().toNanos()));
        prove(subscription, false);
    }

    void tick(long nowNanos) {
        if (waiting.isEmpty()) {
            return;
        }
        Iterator<Waiting> walk = waiting.iterator();
        List<Subscription> late = new ArrayList<>(0);
        while (walk.hasNext()) {
            Waiting next = walk.next();
            Subscription subscription = next.subscription();
            if (subscription.state() != Subscription.State.AHEAD || placed(subscription)) {
                walk.remove();
            } else if (next.untilNanos() - nowNanos <= 0) {
                walk.remove();
                late.add(subscription);
            }
        }
        late.forEach(subscription -> prove(subscription, true));
    }

    void clear() {
        waiting.clear();
    }

    private void prove(Subscription subscription, boolean late) {
        var unused = hub.headProof()
                .head()
                .whenComplete((head, failure) -> lane.execute(() -> {
                    if (subscription.state() != Subscription.State.AHEAD || placed(subscription)) {
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

    /** This server has caught up. */
    private boolean placed(Subscription subscription) {
        if (subscription.written() > hub.published()) {
            return false;
        }
        subscription.place(subscription.written());
        stream.wake(subscription);
        return true;
    }
}
