package io.registrycenter.view;

/**
 * How the view stands to its source.
 *
 * <pre>
 * CATCHING_UP --reached the head seen at boot--> CURRENT &lt;--up to its head again-- CUT_OFF
 *      |                                           ^ `------source out of reach------^
 *      |                                           |
 *      `--> REREADING (from any but LOST) --newest state shown
 *
 * any --source lost--> LOST
 * </pre>
 */
public enum Freshness {
    /** Replaying the past; nobody is served yet. */
    CATCHING_UP,
    /** Follows the store. */
    CURRENT,
    /** The store is out of reach: what is served is the last that was known. It comes back by itself. */
    CUT_OFF,
    /** The history does not lead from what is known to what is: the whole state is read anew. It comes back by itself. */
    REREADING,
    /** The store is lost: what is served is the last that was known, until this server is restarted. */
    LOST;

    /** Whether what is served has lost its source. */
    public boolean stale() {
        return this == CUT_OFF || this == REREADING || this == LOST;
    }

    boolean mayBecome(Freshness next) {
        return switch (this) {
            case CATCHING_UP, CUT_OFF -> next != CATCHING_UP;
            case CURRENT -> next == CUT_OFF || next == REREADING || next == LOST;
            case REREADING -> next == CURRENT || next == LOST;
            case LOST -> false;
        };
    }
}
