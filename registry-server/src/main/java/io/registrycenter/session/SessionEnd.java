package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;
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
        @Nullable Refusal refusal) {}
