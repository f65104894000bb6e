package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.grpc.LiveServer;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.View;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers with {@code registry.store=etcd}. */
final class EtcdLiveServerTest {

    private static final long DEADLINE_S = 20;
    private static final RecordKey KEY = new RecordKey.OfInstance(new InstanceKey("prod", "orders", "a"));
    private static final RecordValue VALUE = new RecordValue.InstanceRecord(
            new Instance("orders", "a", List.of(), "", 1, Map.of(), InstanceStatus.UP, 0, 0), "s", "");

    @TempDir
    private Path data;

    private LiveServer start(EtcdSettings etcd, String name) {
        return LiveServer.start(
                data,
                "--registry.store=etcd",
                "--registry.etcd.endpoints=" + etcd.endpoints().getFirst(),
                "--registry.etcd.prefix=" + etcd.prefix(),
                "--registry.node=" + name);
    }

    @Test
    void twoServersOnOneEtcd_shareOneHistory_alsoAfterARestart() {
        EtcdSettings etcd = TestEtcd.anew();
        long written;
        String epoch;
        try (LiveServer a = start(etcd, "a");
                LiveServer b = start(etcd, "b")) {
            Store store = a.bean(Store.class);
            epoch = store.epoch();
            Outcome outcome = store.commit(
                            new Transaction(List.of(Guard.absent(KEY)), List.of(new Mutation(KEY, VALUE))))
                    .orTimeout(DEADLINE_S, TimeUnit.SECONDS)
                    .join();
            written = ((Outcome.Committed) outcome).revision();
            View other = b.bean(View.class);
            other.reached(written).orTimeout(DEADLINE_S, TimeUnit.SECONDS).join();
            assertThat(other.record(KEY)).isEqualTo(new StoredRecord(KEY, written, VALUE));
            assertThat(other.epoch()).isEqualTo(epoch);
            assertThat(other.nodes()).hasSize(2);
        }
        try (LiveServer again = start(etcd, "a")) {
            View view = again.bean(View.class);
            assertThat(view.epoch()).isEqualTo(epoch);
            assertThat(view.revision()).isGreaterThan(written);
            assertThat(view.record(KEY)).isEqualTo(new StoredRecord(KEY, written, VALUE));
        }
    }
}
