package io.registrycenter.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind a commit: judges it again when its records were written by others in between, and says whether it is still wanted.
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

    /**
     * Asked at the last moment, when the transaction has its turn and would be written or sent for the first time: what waited may
     * be for a caller who is gone. On a thread of the engine as well: quick, and never waiting.
     *
     * @return false: nothing is changed, and the commit fails with {@link StoreException.Kind#UNWANTED}
     */
    default boolean wanted() {
        return true;
    }
}
