package io.registrycenter.view;

/**
 * How the view stands to its source.
 *
 * <pre>
 * CATCHING_UP --reached the head seen at boot--> CURRENT --source out of reach--> CUT_OFF
 *      |                                          |  ^---up to its head again---------'|
 *      `----------------source lost---------------`------------> LOST <----------------'
 * </pre>
 */
public enum Freshness {
    /** Replaying the past; nobody is served yet. */
    CATCHING_UP,
    /** Follows the store. */
    CURRENT,
    /** The store is out of reach: what is served is the last that was known. It comes back by itself. */
    CUT_OFF,
    /** The store is lost: what is served is the last that was known, until this server is restarted. */
    LOST;

    /** Whether what is served has lost its source. */
    public boolean stale() {
        return this == CUT_OFF || this == LOST;
    }
}
