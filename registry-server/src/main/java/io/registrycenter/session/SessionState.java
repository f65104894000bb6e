package io.registrycenter.session;

/**
 * Where a session stands on the server that watches over it.
 *
 * <pre>
 *            link lost, or silent while the brake holds
 *   ACTIVE --------------------------------------------> SUSPECT --grace over--> EXPIRED
 *     |  ^------------resumed, or heard again--------------'  |
 *     `---------------------goodbye---------------------------+----------------> CLOSED
 * </pre>
 *
 * Silence for the TTL goes through SUSPECT with no grace left. EXPIRED and CLOSED are final here: the removal from the store
 * is under way and is repeated until the store has taken it, or says that another server adopted the session first.
 */
public enum SessionState {
    /** Has a link and is heard. */
    ACTIVE,
    /** Has no link, or is not heard; kept for a grace, or while the expiry brake holds. */
    SUSPECT,
    /** Its time is up; its instances are being removed. */
    EXPIRED,
    /** It said goodbye; its instances are being removed. */
    CLOSED;

    /**
     * The next state; the same one is no move.
     *
     * @throws IllegalStateException when the drawing has no such arrow
     */
    SessionState to(SessionState next) {
        boolean allowed = switch (this) {
            case ACTIVE -> next != EXPIRED;
            case SUSPECT -> true;
            case EXPIRED, CLOSED -> next == this;
        };
        if (!allowed) {
            throw new IllegalStateException("a session does not go from " + this + " to " + next);
        }
        return next;
    }

    boolean alive() {
        return this == ACTIVE || this == SUSPECT;
    }
}
