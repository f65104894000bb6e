package io.registrycenter.session;

/** Why an instance is not its session's any more. */
public enum LostReason {
    /** Another session registered the same id. */
    REPLACED,
    /** An operator took it out. */
    ADMIN
}
