package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;

/**
 * How a stream is ended by this server.
 *
 * @param message one sentence for people
 * @param retryAfter when to come back; zero: not said
 */
public record StreamEnd(CloseCause cause, String message, Duration retryAfter) {}
