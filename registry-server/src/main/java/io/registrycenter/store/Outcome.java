package io.registrycenter.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of a transaction. */
public sealed interface Outcome {

    /**
     * Every guard held and the mutations are durable.
     *
     * @param revision of the commit, which it may share with others that were made durable with it; for a transaction without
     *     mutations, the head at which the guards held
     */
    record Committed(long revision) implements Outcome {}

    /**
     * A guard did not hold; nothing was changed.
     *
     * @param current every guarded record as it stands, null where there is none: what the caller needs to try again
     */
    record Conflict(Map<RecordKey, @Nullable StoredRecord> current) implements Outcome {}
}
