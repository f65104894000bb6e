package io.registrycenter.view;

/**
 * How the view stands to its source.
 *
 * <pre>
 * CATCHING_UP --reached the head seen at boot--> CURRENT --source lost or out of reach--> STALE
 *      |                                            ^---------up to its head again---------'^
 *      `-------------------source lost-----------------------------------------------------'
 * </pre>
 */
public enum Freshness {
    /** Replaying the past; nobody is served yet. */
    CATCHING_UP,
    /** Follows the store. */
    CURRENT,
    /** The store is lost or out of reach: what is served is the last that was known. */
    STALE
}
