package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is ended by this server.
 *
 * @param message one sentence for people
 * @param retryAfter when to come back; zero: not said
 * @param written the last cursor written to each subscription, by its id
 * @param limit the limit that was exceeded; null: none was
 */
public record StreamEnd(
        CloseCause cause,
        String message,
        Duration retryAfter,
        Map<Long, Cursor> written,
        Refusal.@Nullable LimitExceeded limit) {

    /** By anything but a limit. */
    public StreamEnd(CloseCause cause, String message, Duration retryAfter, Map<Long, Cursor> written) {
        this(cause, message, retryAfter, written, null);
    }
}
