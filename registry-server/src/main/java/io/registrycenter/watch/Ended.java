package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * That a stream's end was decided, by this server or by the transport: why, and how the stream stood then. Immutable.
 *
 * @param said what the client was told; empty: nothing
 * @param sinceNanos when it was decided
 * @param figures before everything was cleaned
 */
record Ended(CloseCause cause, String said, long sinceNanos, StreamFigures figures) {

    private static final Set<CloseCause> SILENCES = EnumSet.of(CloseCause.HEARTBEAT_TIMEOUT, CloseCause.IDLE_TIMEOUT);

    private static final Set<CloseCause> BREAKS =
            EnumSet.of(CloseCause.PEER_RESET, CloseCause.PEER_EOF, CloseCause.NETWORK_LOST);

    /** A planned end that has not got through counts as what ends it by force; any other stands. */
    Ended forced(CloseCause instead) {
        return cause == CloseCause.DRAINING ? new Ended(instead, said, sinceNanos, figures) : this;
    }

    /**
     * What the transport says of the end afterwards. A silence that was found out before the broken connection it came from was
     * heard of is that break; any other decision stands.
     */
    Ended heard(CloseCause transport) {
        return SILENCES.contains(cause) && BREAKS.contains(transport)
                ? new Ended(transport, "", sinceNanos, figures)
                : this;
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
