package io.registrycenter.watch;

import io.registrycenter.catalog.AskedToMove;
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

    /** Null: the client was never asked. */
    private @Nullable AskedToMove asked;

    /** Null: it goes on. */
    private @Nullable Farewell farewell;

    /** The client is asked to move. */
    void ask(AskedToMove anew) {
        asked = anew;
    }

    /** The last one said stands. */
    void say(Farewell last) {
        farewell = last;
    }

    /** Why a stream ended that the transport says ended so: see {@link AskedToMove}; one that was sent away has moved too. */
    CloseCause causeOf(CloseCause heard, long nowNanos) {
        return heard == CloseCause.CLIENT_CANCELLED && farewell != null
                ? farewell.cause()
                : AskedToMove.causeOf(heard, asked, nowNanos);
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
        AskedToMove before = asked;
        if (before != null && before.stands(nowNanos)) {
            return;
        }
        if (before != null && before.cause() == CloseCause.MAX_AGE) {
            stream.sendAway(CloseCause.MAX_AGE, "the stream reached its age", Duration.ZERO);
        } else {
            Duration move = heartbeatInterval.compareTo(LONGEST_MOVE) < 0 ? heartbeatInterval : LONGEST_MOVE;
            stream.ask(CloseCause.MAX_AGE, move, Duration.ZERO);
        }
    }
}
