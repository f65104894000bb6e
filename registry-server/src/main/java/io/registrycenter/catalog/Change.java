package io.registrycenter.catalog;

/** One instance put or removed inside a commit. */
public sealed interface Change {

    /** The instance is new or changed; this is all of it. */
    record Put(Instance instance) implements Change {}

    /** The instance is gone. */
    record Removal(String service, String instanceId, RemovalReason reason) implements Change {}
}
