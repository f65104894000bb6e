package io.registrycenter.watch;

import io.registrycenter.Proof;

/** On a real etcd: its own snapshots, restored. */
class EtcdPutBackTest extends PutBackGuarantees {

    @Override
    CopiedEngine engine() {
        return new EtcdCopies();
    }

    @Override
    int histories() {
        return Proof.times(1, 20);
    }

    @Override
    int steps() {
        return 30;
    }
}
