package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import java.time.Duration;
import java.util.Map;

/**
 * How a stream is ended by this server.
 *
 * @param message one sentence for people
 * @param retryAfter when to come back; zero: not said
 * @param written the last cursor written to each subscription, by its id
 */
public record StreamEnd(CloseCause cause, String message, Duration retryAfter, Map<Long, Cursor> written) {}
