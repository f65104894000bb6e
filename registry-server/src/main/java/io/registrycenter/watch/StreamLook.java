package io.registrycenter.watch;

import java.util.List;

/** Looks at a stream for operators; changes nothing. On the stream's lane. */
final class StreamLook {

    private StreamLook() {}

    /** How the stream stands now. */
    static StreamFigures figures(WatchStream stream) {
        long published = stream.hub().published();
        Subscriptions subscriptions = stream.subscriptions();
        StreamClock clock = stream.clock();
        Backlog backlog = subscriptions.backlog();
        boolean syncing = subscriptions.awaitAnswer();
        return new StreamFigures(
                stream.id(),
                stream.peer(),
                stream.client(),
                stream.state(),
                condition(clock, backlog.changes() > 0 || syncing),
                subscriptions.lowestStep(),
                syncing,
                subscriptions.size(),
                clock.ageNanos(),
                clock.idleNanos(),
                clock.stalledNanos(),
                subscriptions.writtenUpTo(published),
                stream.acknowledged() < 0 ? null : stream.acknowledged(),
                backlog.changes(),
                backlog.bytes(),
                backlog.changes() > 0 ? stream.hub().now() - backlog.sinceNanos() : 0,
                stream.previousClose());
    }

    private static StreamCondition condition(StreamClock clock, boolean behind) {
        if (clock.stalledNanos() > 0) {
            return StreamCondition.STALLED;
        }
        return behind ? StreamCondition.LAGGING : StreamCondition.LIVE;
    }

    /** How its subscriptions stand now, at most so many. */
    static List<SubscriptionFigures> subscriptions(WatchStream stream, int limit) {
        long published = stream.hub().published();
        return stream.subscriptions().all().stream()
                .limit(limit)
                .map(subscription -> SubscriptionLook.figures(subscription, published))
                .toList();
    }

    /** Whether one of its subscriptions is what a filter asks for. */
    static boolean watches(WatchStream stream, StreamFilter filter) {
        for (Subscription subscription : stream.subscriptions().all()) {
            if (filter.matches(subscription.interest())) {
                return true;
            }
        }
        return false;
    }
}
