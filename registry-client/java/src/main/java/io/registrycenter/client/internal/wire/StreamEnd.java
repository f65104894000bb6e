package io.registrycenter.client.internal.wire;

import io.registrycenter.client.CloseCause;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a stream ended, as far as this end can tell.
 *
 * @param retryAfter the server's hint; null when it gave none
 * @param detail for people; may be empty
 * @param orderly whether the server completed it with OK
 */
public record StreamEnd(CloseCause cause, @Nullable Duration retryAfter, String detail, boolean orderly) {

    public static StreamEnd of(CloseCause cause, String detail) {
        return new StreamEnd(cause, null, detail, false);
    }

    public static StreamEnd after(CloseCause cause, Duration retryAfter, String detail) {
        return new StreamEnd(cause, retryAfter, detail, false);
    }
}
