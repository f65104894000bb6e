package io.registrycenter.client;

/**
 * Told about every step of a view: in order, one call at a time, on the client's callback executor.
 *
 * <p>A listener that throws, whatever that is, or blocks hurts only itself; one that blocks for 10 s is named in the log. It may wait
 * for the client's stages. For one that is slow a bounded number of steps waits; above it
 * they are merged into one step to the newest view, flagged {@code coalesced}.
 */
@FunctionalInterface
public interface WatchListener {

    /** Changes were applied. Also called when instances kept over a reset are dropped at the end of the hold. */
    void onChanges(ViewChange change);

    /**
     * A complete state was applied: after the first subscription, or when changes alone could not bring it up. Its changes
     * are the difference to what was there before; without an override they go to {@link #onChanges}.
     */
    default void onSnapshot(ViewChange change) {
        onChanges(change);
    }

    /** The registry refused the interest for good: the watch has stopped, its view stays as it is. */
    default void onRefused(RegistryException reason) {}
}
