package io.registrycenter.store;

import java.util.List;

/**
 * Every record of a store as it stood at one revision. Immutable.
 *
 * @param records in no order
 */
public record StoreState(long revision, List<StoredRecord> records) {

    public StoreState {
        records = List.copyOf(records);
    }
}
