package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;

/** How a subscription is told that it ends alone. */
final class SubscriptionEnds {

    private static final Duration BEHIND_RETRY_AFTER = Duration.ofSeconds(1);

    private SubscriptionEnds() {}

    /** It breaks a rule, or a limit. */
    static Frame.SubscriptionEnded refused(long id, Refusal why) {
        boolean limit = why instanceof Refusal.LimitExceeded;
        return new Frame.SubscriptionEnded(
                id,
                limit ? CloseCause.LIMIT_EXCEEDED : CloseCause.INVALID_REQUEST,
                null,
                why instanceof Refusal.LimitExceeded exceeded ? exceeded.retryAfter() : Duration.ZERO,
                String.valueOf(why.getMessage()));
    }

    /** This server has not reached its cursor in time: the client tries another. */
    static Frame.SubscriptionEnded behind(long id, Cursor asked, Cursor here) {
        return new Frame.SubscriptionEnded(
                id,
                CloseCause.SERVER_BEHIND,
                here,
                BEHIND_RETRY_AFTER,
                "this server has applied " + here.revision() + ", the cursor is " + asked);
    }
}
