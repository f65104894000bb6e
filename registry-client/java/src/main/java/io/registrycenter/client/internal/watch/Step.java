package io.registrycenter.client.internal.watch;

import io.registrycenter.client.Change;
import io.registrycenter.client.SnapshotReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a frame did to a replica.
 *
 * @param verdict whether it was applied
 * @param snapshot why a complete state came; null for changes
 */
record Step(Verdict verdict, List<Change> changes, @Nullable SnapshotReason snapshot, boolean coalesced) {

    enum Verdict {
        APPLIED,
        /** Something is missing in between: start again with a snapshot. */
        GAP,
        /** The server knows less than this client has applied: try another. */
        SERVER_BEHIND
    }

    static Step without(Verdict verdict) {
        return new Step(verdict, List.of(), null, false);
    }
}
