package io.registrycenter.client.internal.link;

import io.registrycenter.client.CloseCause;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What follows from an end that was planned. For the restart grace after a server said that it leaves, a connection that nobody
 * takes is part of its plan; and as long after any planned end the waits stay short, so that everybody is back soon after the
 * server is. Both are over when a stream is live again. Confined to the serial executor.
 */
final class Planned {

    /** The step of the backoff meanwhile: a quarter of the default {@code registry.session.reconnect-grace}. */
    static final Duration LONGEST_STEP = Duration.ofMillis(2_500);

    private @Nullable CloseCause cause;
    private long untilNanos;

    /** Something ended, or is said to; each planned one counts the grace anew. */
    void ended(CloseCause end, Duration grace, long nowNanos) {
        switch (end) {
            case DRAINING, DRAIN_FORCED, MAX_AGE -> {
                cause = end;
                untilNanos = nowNanos + grace.toNanos();
            }
            default -> {
                // Was not planned.
            }
        }
    }

    /** A stream is live again. */
    void settled() {
        cause = null;
    }

    /** Whether an attempt that nobody answered, and that failed like this, follows from a server's leaving. */
    boolean explains(CloseCause failure, long nowNanos) {
        return recent(nowNanos)
                && cause != CloseCause.MAX_AGE
                && switch (failure) {
                    case CONNECT_REFUSED, CONNECT_TIMEOUT, NETWORK_LOST, PEER_RESET, PEER_EOF -> true;
                    default -> false;
                };
    }

    /** The upper bound of the backoff's step, which is otherwise {@code cap}. */
    Duration step(Duration cap, long nowNanos) {
        return recent(nowNanos) && LONGEST_STEP.compareTo(cap) < 0 ? LONGEST_STEP : cap;
    }

    private boolean recent(long nowNanos) {
        return cause != null && nowNanos - untilNanos < 0;
    }
}
