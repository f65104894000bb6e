package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.store.Store;
import io.registrycenter.store.StoreContract;
import org.junit.jupiter.api.Test;

/** The contract on a real etcd of one member; every store has a prefix of its own. */
final class EtcdStoreTest extends StoreContract {

    /** Commits of one record go one after the other, each as a request of its own, within the deadline of a close. */
    @Override
    protected int load(int commits) {
        return commits / 4;
    }

    @Override
    protected Store fresh() {
        return EtcdStore.open(TestEtcd.anew());
    }

    @Test
    void open_again_everythingIsThere() {
        EtcdSettings settings = TestEtcd.anew();
        String epoch;
        long head;
        long floor;
        try (Store store = EtcdStore.open(settings)) {
            put(store, A, "1");
            floor = get(store.compact(put(store, B, "2")));
            head = put(store, A, "3");
            epoch = store.epoch();
        }
        try (Store store = EtcdStore.open(settings)) {
            assertThat(store.epoch()).isEqualTo(epoch);
            assertThat(store.head()).isGreaterThanOrEqualTo(head);
            assertThat(store.floor()).isEqualTo(floor);
            assertThat(store.read(head)).hasSize(2);
            assertThat(put(store, A, "4")).isGreaterThan(head);
        }
    }
}
