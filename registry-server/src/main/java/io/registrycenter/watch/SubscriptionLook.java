package io.registrycenter.watch;

/** Looks at a subscription for operators; changes nothing. On the stream's lane. */
final class SubscriptionLook {

    private SubscriptionLook() {}

    /** @param published what the hub had published before this call */
    static SubscriptionFigures figures(Subscription subscription, long published) {
        Backlog backlog = backlog(subscription);
        return new SubscriptionFigures(
                subscription.id(),
                subscription.interest(),
                subscription.state().name(),
                ladderStep(subscription),
                subscription.covered(published),
                backlog.changes(),
                backlog.bytes());
    }

    /** What it has yet to be told. */
    static Backlog backlog(Subscription subscription) {
        return Backlog.of(subscription.scope().ring(), subscription.next(), subscription.written());
    }

    /** Where it stands on the slow-client ladder. */
    static LadderStep ladderStep(Subscription subscription) {
        return switch (subscription.state()) {
            case SNAPSHOT -> LadderStep.SNAPSHOT;
            case AHEAD, ENDED -> LadderStep.EXACT;
            case PLACED, LIVE -> ladderStepOnRing(subscription);
        };
    }

    private static LadderStep ladderStepOnRing(Subscription subscription) {
        Ring ring = subscription.scope().ring();
        long tail = ring.tail();
        if (subscription.next() >= tail) {
            return LadderStep.EXACT;
        }
        HistoryEntry first = ring.get(subscription.next());
        if (first == null) {
            return LadderStep.SNAPSHOT;
        }
        WatchSettings settings = subscription.hub().settings();
        return subscription.coalesce() && Backlog.isFarBehind(ring, first, tail, settings)
                ? LadderStep.COALESCED
                : LadderStep.EXACT;
    }
}
