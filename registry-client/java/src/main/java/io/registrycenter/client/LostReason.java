package io.registrycenter.client;

/** Why an instance is not this client's any more. */
public enum LostReason {
    /** Another session registered the same id. */
    REPLACED,
    /** An operator took it out. */
    ADMIN,
    /** The registry says that this session does not hold it. */
    NOT_HOLDER,
    /** Another holder has this client's session: this process is a copy that must stop. */
    FENCED
}
