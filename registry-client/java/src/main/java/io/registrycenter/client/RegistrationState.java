package io.registrycenter.client;

/** Where a registration stands. */
public enum RegistrationState {
    /** Wanted, and not (or not again, after a lost session) acknowledged yet: the client keeps trying. */
    PENDING,
    /** Acknowledged, and its session is alive as far as this client knows. */
    REGISTERED,
    /** Taken away for good, see {@link LostReason}: the client does not register it again by itself. */
    LOST,
    /** The registry refused it for good. */
    REFUSED,
    /** Being taken out on the user's word. */
    DEREGISTERING,
    /** Out. */
    CLOSED
}
