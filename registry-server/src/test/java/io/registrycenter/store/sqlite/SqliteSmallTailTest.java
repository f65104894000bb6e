package io.registrycenter.store.sqlite;

import io.registrycenter.store.Store;
import io.registrycenter.store.StoreContract;

/** The contract where followers are behind the tail all the time, and cross the seam to the disk and back. */
final class SqliteSmallTailTest extends StoreContract {

    @Override
    protected Store fresh() {
        return SqliteStore.open(
                TestDirectory.fresh(),
                false,
                SqliteStore.Options.DEFAULT.withLimits(new Limits(65_536, 64 << 20, 1, 1, 1 << 20)));
    }
}
