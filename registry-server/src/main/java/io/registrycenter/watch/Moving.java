package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a stream's client is moved: asked to make its next stream, and sent away when everything that waits for it is written.
 * Made when it is asked. Confined to the stream's lane.
 *
 * <pre>
 * asked --everything written, or its time is over--> farewell
 * </pre>
 */
final class Moving {

    /** How long a client that was asked to move for the stream's age has for it, at most. */
    private static final Duration LONGEST_MOVE = Duration.ofSeconds(5);

    /** How the stream ends when nothing waits any more. */
    record Farewell(CloseCause cause, String message, Duration retryAfter) {}

    /** Why the client was asked to move; null: it was not. */
    private @Nullable CloseCause asked;

    /** For the stream's age: when the stream ends. */
    private long untilNanos;

    /** Null: it goes on. */
    private @Nullable Farewell farewell;

    /** The client is asked to move. */
    void ask(CloseCause cause) {
        asked = cause;
    }

    /** The last one said stands. */
    void say(Farewell last) {
        farewell = last;
    }

    /** Why a stream ended that the transport says ended so: a client that cancels after it was asked to move has moved. */
    CloseCause causeOf(CloseCause heard) {
        return heard == CloseCause.CLIENT_CANCELLED && asked != null ? asked : heard;
    }

    /** Nothing waits for the client: the stream ends if it was sent away. */
    void leave(WatchStream stream) {
        if (farewell != null) {
            stream.end(farewell.cause(), farewell.message(), farewell.retryAfter());
        }
    }

    /**
     * The stream has reached its age, now or a while ago: its client is asked to move first.
     *
     * @param heartbeatInterval the longest it is given for that, five seconds at most
     */
    void tooOld(WatchStream stream, long nowNanos, Duration heartbeatInterval) {
        if (asked == null) {
            Duration move = heartbeatInterval.compareTo(LONGEST_MOVE) < 0 ? heartbeatInterval : LONGEST_MOVE;
            untilNanos = nowNanos + move.toNanos();
            stream.ask(CloseCause.MAX_AGE, move, Duration.ZERO);
        } else if (asked == CloseCause.MAX_AGE && nowNanos - untilNanos >= 0) {
            stream.sendAway(CloseCause.MAX_AGE, "the stream reached its age", Duration.ZERO);
        }
    }
}
