package io.registrycenter.client;

/** Whether consumers may choose an instance. */
public enum InstanceStatus {
    /** Takes work. */
    UP,
    /** Runs and finishes what it has, but must not be chosen any more. */
    LEAVING,
    /** Registered, but takes no work. */
    DOWN
}
