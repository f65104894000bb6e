package io.registrycenter.watch;

import io.registrycenter.catalog.Instance;
import io.registrycenter.memory.Footprint;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.util.List;

/**
 * One commit in the ring of one scope, encoded once. Immutable.
 *
 * @param seq position in the ring, without gaps
 * @param after the scope's previous commit
 * @param revision of this commit
 * @param reel where its encoded bytes stand, from {@code offset} on
 * @param bytes how many encoded bytes
 * @param changes the same as words, to judge label interests and to coalesce
 * @param changesBefore changes of all earlier entries of this ring, evicted ones too
 * @param bytesBefore likewise in encoded bytes
 * @param publishedNanos when it was published, on the hub's clock
 */
record HistoryEntry(
        long seq,
        long after,
        long revision,
        Tape.Reel reel,
        int offset,
        int bytes,
        List<InstanceChange> changes,
        long changesBefore,
        long bytesBefore,
        long publishedNanos) {

    /** An entry's own objects: itself, its place in the ring and in the order of all. */
    private static final int ENTRY_BYTES = 112;

    /** A change's objects, which the entries of its service and of its namespace share: words, keys, lists. */
    private static final int CHANGE_BYTES = 288;

    /** Changes of this and of all earlier entries. */
    long changesUpTo() {
        return changesBefore + changes.size();
    }

    /** Encoded bytes of this and of all earlier entries. */
    long bytesUpTo() {
        return bytesBefore + bytes;
    }

    /**
     * The heap that only this entry keeps from being collected, but for the encoded bytes, which are counted with their reel.
     *
     * @param ofService whether it stands in the ring of a service, which keeps it for at least as long as the namespace's: the
     *     changes that both share are counted there. Of a change it is the instance before; the one after is the view's, until
     *     another change has it as the one before.
     */
    long cost(boolean ofService) {
        if (!ofService) {
            return ENTRY_BYTES;
        }
        long cost = ENTRY_BYTES;
        for (InstanceChange change : changes) {
            Instance before = change.before();
            cost += CHANGE_BYTES + (before == null ? 0 : Footprint.of(before));
        }
        return cost;
    }
}
