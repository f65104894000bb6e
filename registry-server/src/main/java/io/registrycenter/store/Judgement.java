package io.registrycenter.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges a commit again when its records were written by others in between.
 *
 * <p>An engine that has one writer asks in its place in the queue, so that any number of callers who write the same record
 * all get through, in order; another engine asks after every lost round.
 */
@FunctionalInterface
public interface Judgement {

    /** Leaves it at the conflict. */
    Judgement LEAVE_IT = current -> null;

    /**
     * Called on a thread of the engine, in the way of every other commit: quick, and never waiting.
     *
     * @param current every guarded record as it stands now, null where there is none
     * @return what to commit instead, guarded by what {@code current} says; null: the conflict is the outcome
     */
    @Nullable
    Transaction again(Map<RecordKey, @Nullable StoredRecord> current);
}
