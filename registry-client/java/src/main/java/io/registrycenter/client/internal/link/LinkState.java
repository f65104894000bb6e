package io.registrycenter.client.internal.link;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where a stream stands.
 *
 * <pre>
 *           start            first frame         caught up
 *   IDLE ---------> CONNECTING ------> SYNCING ------------> LIVE
 *    ^                ^   |               |                   |
 *    | not wanted     |   | ended         | ended             | ended
 *    | any more       |   v               v                   v
 *    +----------------|- WAITING  <-------+-------------------+
 *                     |   |               |                   |
 *                     +---+---------------+-------------------+
 *                      time is up            drain: moves on, the old stream stays until the new one is live
 *
 *   any ---> CLOSED
 * </pre>
 */
public enum LinkState {
    /** Nobody wants a stream. */
    IDLE,
    /** A stream was asked for, the server has not answered. */
    CONNECTING,
    /** The server answers; not everything is caught up. */
    SYNCING,
    /** Caught up. */
    LIVE,
    /** No stream; the next attempt has its time. */
    WAITING,
    /** For good. */
    CLOSED;

    boolean mayBecome(LinkState next) {
        return next == CLOSED ? this != CLOSED : successors().contains(next);
    }

    private Set<LinkState> successors() {
        return switch (this) {
            case IDLE -> EnumSet.of(CONNECTING);
            case CONNECTING -> EnumSet.of(SYNCING, WAITING, IDLE);
            case SYNCING -> EnumSet.of(LIVE, WAITING, CONNECTING, IDLE);
            case LIVE -> EnumSet.of(WAITING, CONNECTING, IDLE);
            case WAITING -> EnumSet.of(CONNECTING, IDLE);
            default -> EnumSet.noneOf(LinkState.class);
        };
    }
}
