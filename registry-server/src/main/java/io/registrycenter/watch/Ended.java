package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;

/**
 * That a stream's end was decided, by this server or by the transport: why, and how the stream stood then. Immutable.
 *
 * @param said what the client was told; empty: nothing
 * @param sinceNanos when it was decided
 * @param figures before everything was cleaned
 */
record Ended(CloseCause cause, String said, long sinceNanos, StreamFigures figures) {

    /** A planned end that has not got through counts as what ends it by force; any other stands. */
    Ended forced(CloseCause instead) {
        return cause == CloseCause.DRAINING ? new Ended(instead, said, sinceNanos, figures) : this;
    }

    /**
     * Resets the stream when its end has not got through in its time. A drain has a deadline of its own for those.
     *
     * @param patience how long an end may take
     */
    void tick(long nowNanos, Duration patience, Outlet outlet) {
        if (cause != CloseCause.DRAINING && nowNanos - sinceNanos >= patience.toNanos()) {
            outlet.reset();
        }
    }
}
