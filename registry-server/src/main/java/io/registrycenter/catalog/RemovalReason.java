package io.registrycenter.catalog;

/** Why an instance is gone. */
public enum RemovalReason {
    /** Its own session took it out, or said goodbye. */
    DEREGISTERED,
    /** Its session was silent for the TTL, or without a stream for the grace. */
    SESSION_EXPIRED,
    /** An operator took it out. */
    ADMIN,
    /** It still exists, but does not match the labels of an interest any more; never stored. */
    NO_LONGER_MATCHES
}
