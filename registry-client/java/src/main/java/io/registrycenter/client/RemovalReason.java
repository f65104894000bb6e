package io.registrycenter.client;

/** Why an instance is gone from a view. */
public enum RemovalReason {
    /** Its own session took it out, or said goodbye. */
    DEREGISTERED,
    /** Its session was silent for the TTL, or without a stream for the grace. */
    SESSION_EXPIRED,
    /** An operator took it out. */
    ADMIN,
    /** It still exists, but does not match the labels of this interest any more. */
    NO_LONGER_MATCHES,
    /**
     * It was missing in a snapshot: it went while this client could not look, so nobody said why. After the registry
     * lost its history (a new epoch) this is told only once the reset hold is over.
     */
    NOT_IN_SNAPSHOT
}
