package io.registrycenter.watch;

import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.util.List;

/**
 * One commit in the ring of one scope. Immutable.
 *
 * @param seq position in the ring, without gaps
 * @param delta the commit, encoded once
 * @param changes the same as words, to judge label interests and to coalesce
 * @param changesBefore changes of all earlier entries of this ring, evicted ones too
 * @param bytesBefore likewise in encoded bytes
 * @param publishedNanos when it was published, on the hub's clock
 */
record HistoryEntry(
        long seq,
        EncodedDelta delta,
        List<InstanceChange> changes,
        long changesBefore,
        long bytesBefore,
        long publishedNanos) {

    /** What an entry costs beyond its encoded bytes: objects, and the instance before, which only history keeps alive. */
    private static final int OVERHEAD_BYTES = 256;

    long revision() {
        return delta.revision();
    }

    long cost() {
        return 2L * delta.bytes() + OVERHEAD_BYTES;
    }
}
