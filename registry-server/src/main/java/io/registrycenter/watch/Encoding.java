package io.registrycenter.watch;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Instance;
import java.util.List;

/** Turns words into bytes that every stream shares. Implemented in {@code grpc}; may be called from any thread. */
public interface Encoding {

    /** The changes of one commit, as they stand in any delta. */
    byte[] changes(List<Change> changes);

    /**
     * What comes before the changes of one delta: {@code head} followed by the changes is one delta of a response.
     *
     * @param mark of the revision; {@link io.registrycenter.catalog.Cursor#NO_MARK} where it is not known
     * @param changesBytes length of the encoded changes that follow
     */
    byte[] deltaHead(long after, long revision, long mark, boolean coalesced, int changesBytes);

    /**
     * Instances as they stand in snapshot parts.
     *
     * @param maxBytes each part is at most this long; an instance is never longer
     * @return at least one part, empty when there are no instances
     */
    List<Part> instances(List<Instance> instances, int maxBytes);

    /** Some instances of a snapshot. */
    record Part(byte[] bytes, int count) {}
}
