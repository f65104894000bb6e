package io.registrycenter.watch;

import io.registrycenter.Proof;

/** On real files: copies of the data directory that were taken while it was in use. */
class SqlitePutBackTest extends PutBackGuarantees {

    @Override
    CopiedEngine engine() {
        return new SqliteCopies();
    }

    @Override
    int histories() {
        return Proof.times(2, 200);
    }

    @Override
    int steps() {
        return 60;
    }
}
