package io.registrycenter.watch;

import io.registrycenter.Proof;

/** On the fake: deterministic, a seed is the whole story. */
class InMemoryPutBackTest extends PutBackGuarantees {

    @Override
    CopiedEngine engine() {
        return new InMemoryCopies();
    }

    @Override
    int histories() {
        return Proof.times(200, 5000);
    }

    @Override
    int steps() {
        return 60;
    }
}
