package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a link is ended by this server.
 *
 * @param message one sentence for people
 * @param retryAfter when to come back; zero: not said
 * @param refusal what the client is told in detail; null when there is no more than the cause
 */
public record SessionEnd(
        CloseCause cause,
        String message,
        Duration retryAfter,
        @Nullable Refusal refusal) {

    /** The end that goes with a refusal. */
    static SessionEnd of(Refusal refusal) {
        CloseCause cause = switch (refusal) {
            case Refusal.InvalidInput invalid -> CloseCause.INVALID_REQUEST;
            case Refusal.SessionUnknown unknown -> CloseCause.SESSION_EXPIRED;
            case Refusal.Fenced fenced -> CloseCause.FENCED;
            case Refusal.LimitExceeded limit -> CloseCause.LIMIT_EXCEEDED;
            case Refusal.Unavailable unavailable -> unavailable.closeCause();
            case Refusal.NotHolder notHolder -> CloseCause.SERVER_FAULT;
        };
        Duration retryAfter = switch (refusal) {
            case Refusal.LimitExceeded limit -> limit.retryAfter();
            case Refusal.Unavailable unavailable -> unavailable.retryAfter();
            default -> Duration.ZERO;
        };
        return new SessionEnd(cause, Objects.toString(refusal.getMessage(), ""), retryAfter, refusal);
    }
}
