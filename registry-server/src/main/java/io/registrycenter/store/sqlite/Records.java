package io.registrycenter.store.sqlite;

import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.StoredRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every record at the head, and a batch of commits on top that is kept or taken back as a whole: transactions of a batch see
 * those before them although nothing is durable yet. Confined to the writer thread.
 */
final class Records {

    private final Map<RecordKey, StoredRecord> current;

    /** The records that the batch changed, as they were before it; null where there was none. */
    private final Map<RecordKey, @Nullable StoredRecord> before = new HashMap<>();

    /** @param current at the head; belongs to this object from now on */
    Records(Map<RecordKey, StoredRecord> current) {
        this.current = current;
    }

    @Nullable
    StoredRecord get(RecordKey key) {
        return current.get(key);
    }

    /** One more commit of the batch. */
    void apply(Commit commit) {
        for (Mutation mutation : commit.mutations()) {
            RecordKey key = mutation.key();
            RecordValue value = mutation.value();
            StoredRecord replaced = value == null
                    ? current.remove(key)
                    : current.put(key, new StoredRecord(key, commit.revision(), value));
            if (!before.containsKey(key)) {
                before.put(key, replaced);
            }
        }
    }

    /** The batch is durable. */
    void keep() {
        before.clear();
    }

    /** The batch was not written. */
    void revert() {
        before.forEach((key, record) -> {
            if (record == null) {
                current.remove(key);
            } else {
                current.put(key, record);
            }
        });
        before.clear();
    }
}
