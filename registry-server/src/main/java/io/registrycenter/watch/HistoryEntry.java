package io.registrycenter.watch;

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

    /** What an entry costs beyond its encoded bytes: objects, and the instance before, which only history keeps alive. */
    private static final int OVERHEAD_BYTES = 256;

    /** Changes of this and of all earlier entries. */
    long changesUpTo() {
        return changesBefore + changes.size();
    }

    /** Encoded bytes of this and of all earlier entries. */
    long bytesUpTo() {
        return bytesBefore + bytes;
    }

    /** What the words cost; the encoded bytes are counted with their reel. */
    long cost() {
        return (long) bytes + OVERHEAD_BYTES;
    }
}
