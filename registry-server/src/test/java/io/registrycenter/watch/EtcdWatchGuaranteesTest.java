package io.registrycenter.watch;

import io.registrycenter.Proof;
import io.registrycenter.store.Store;
import io.registrycenter.store.etcd.EtcdSettings;
import io.registrycenter.store.etcd.EtcdStore;
import io.registrycenter.store.etcd.TestEtcd;

/** On a real etcd, with processes that start again. */
class EtcdWatchGuaranteesTest extends WatchGuarantees {

    @Override
    void run(long seed, Ledger ledger) {
        WatchSchedule.run(seed, new Engine(), ledger);
    }

    @Override
    int histories() {
        return Proof.times(1, 20);
    }

    private static final class Engine implements WatchEngine {

        private final EtcdSettings settings = TestEtcd.anew();
        private Store store = EtcdStore.open(settings);

        @Override
        public Store store() {
            return store;
        }

        @Override
        public void restart() {
            store.close();
            store = EtcdStore.open(settings);
        }

        @Override
        public void pauseDelivery() {
            // Its thread is not ours to stop; the lagging server stands for it.
        }

        @Override
        public void resumeDelivery() {
            // See pauseDelivery.
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
