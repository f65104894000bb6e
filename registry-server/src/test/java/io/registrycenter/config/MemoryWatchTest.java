package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.grpc.GrpcEncoding;
import io.registrycenter.memory.HeapSample;
import io.registrycenter.memory.MemoryBudget;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.WatchSettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** History, instances and their budget, on a heap in the test's hand. */
class MemoryWatchTest {

    private static final long MB = 1L << 20;

    private final MemoryBudget budget = MemoryBudget.of(64 * MB, 0.5, MB);
    private final View view = new View("e1");
    private final Hub hub = new Hub(
            view, new GrpcEncoding(), WatchSettings.DEFAULTS, () -> new CompletableFuture<>(), () -> 0, () -> 1);
    private final Applier applier = new Applier(view, List.of(hub), lost -> {});
    private HeapSample heap = new HeapSample(0, 64 * MB, 0);
    private final MemoryWatch memory = new MemoryWatch(budget, 1, hub, view, () -> heap, () -> 0);
    private long revision;

    private void register(int instance) {
        applier.commit(new Commit(
                ++revision,
                List.of(new Mutation(
                        new RecordKey.OfInstance(new InstanceKey("prod", "orders", "i" + instance)),
                        new InstanceRecord(
                                new Instance(
                                        "orders",
                                        "i" + instance,
                                        List.of(),
                                        "",
                                        100,
                                        Map.of("text", "t".repeat(1_000)),
                                        InstanceStatus.UP,
                                        1,
                                        0),
                                "session",
                                "")))));
        applier.batchComplete();
    }

    @Test
    void history_shrinksFirst_andInstancesStay_andItGrowsAgain() {
        for (int i = 0; i < 100; i++) {
            register(i % 10);
        }
        memory.look();
        long before = hub.historyBytes();
        assertThat(before).isPositive();

        heap = new HeapSample(63 * MB, 64 * MB, 0);
        memory.look();
        assertThat(hub.historyBytes()).isZero();
        assertThat(view.instanceCount("prod", "orders")).isEqualTo(10);
        assertThat(memory.facts().historyAllowed()).isZero();
        assertThat(memory.facts().advice()).contains("history has shrunk");

        for (int i = 0; i < 8; i++) {
            heap = new HeapSample(20 * MB + i, 64 * MB, 0);
            memory.look();
        }
        assertThat(memory.facts().historyAllowed()).isEqualTo(budget.history());
        assertThat(memory.facts().advice()).isEqualTo("nothing to do");
        register(1);
        assertThat(hub.historyBytes()).isPositive();
    }

    @Test
    void instances_thatOutgrowTheirPart_areTold_andStay() {
        int instances = (int) (budget.view() / 1_000);
        for (int i = 0; i < instances; i++) {
            register(i);
        }
        memory.look();
        assertThat(memory.facts().view()).isGreaterThan(budget.view());
        assertThat(memory.facts().advice()).contains("outgrown");
        assertThat(view.instanceCount("prod", "orders")).isEqualTo(instances);
    }
}
