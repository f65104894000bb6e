package io.registrycenter.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a view, told to a listener.
 *
 * @param interest whose view it is
 * @param snapshot why a complete state came; null for changes
 * @param changes the difference to what the listener was told before, in order; may be empty after a snapshot
 * @param instances the view after it, sorted by service, then id
 * @param cursor what the view has applied after it
 * @param coalesced whether steps in between were merged, by the server or because the listener was slow
 */
public record ViewChange(
        Interest interest,
        @Nullable SnapshotReason snapshot,
        List<Change> changes,
        List<Instance> instances,
        Cursor cursor,
        boolean coalesced) {

    public ViewChange {
        changes = List.copyOf(changes);
        instances = List.copyOf(instances);
    }
}
