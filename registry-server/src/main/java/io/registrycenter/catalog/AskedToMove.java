package io.registrycenter.catalog;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * That the client of a stream was asked to move, and why. Immutable.
 *
 * <p>It stands until the deadline that the client was told, even when the server goes on after all, as it does when a drain is
 * cancelled: what was told cannot be taken back, so the client moves all the same, and when it then ends its old stream, that
 * is the move it was asked for. Whoever is still there after the deadline has not moved: what becomes of that stream has a cause
 * of its own again, and its client can be asked anew.
 */
public final class AskedToMove {

    private final CloseCause cause;
    private final long untilNanos;

    /** @param deadline as the client is told it */
    public AskedToMove(CloseCause cause, Duration deadline, long nowNanos) {
        this.cause = cause;
        this.untilNanos = nowNanos + deadline.toNanos();
    }

    public CloseCause cause() {
        return cause;
    }

    /** Whether the client still has time for it. */
    public boolean stands(long nowNanos) {
        return nowNanos - untilNanos < 0;
    }

    /**
     * Why a stream ended that the transport says ended so: a client that cancels while it is asked to move has moved.
     *
     * @param asked null: the client was never asked
     */
    public static CloseCause causeOf(CloseCause heard, @Nullable AskedToMove asked, long nowNanos) {
        return heard == CloseCause.CLIENT_CANCELLED && asked != null && asked.stands(nowNanos) ? asked.cause : heard;
    }
}
