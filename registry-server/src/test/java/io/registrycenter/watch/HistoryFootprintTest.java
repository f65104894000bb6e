package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.grpc.GrpcEncoding;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes that history and view say they take, against what the heap says. */
class HistoryFootprintTest {

    private static final WatchSettings DEFAULTS = WatchSettings.DEFAULTS;

    private final View view = new View("e1");
    private final Hub hub = new Hub(
            view,
            new GrpcEncoding(),
            DEFAULTS,
            () -> {
                throw new AssertionError("not asked");
            },
            () -> 0,
            () -> 1);
    private final Applier applier = new Applier(view, List.of(hub), lost -> {});
    private long revision;

    /** Nothing in it is shared with another commit. */
    private void change(int instance, int services, int entries, int valueLength) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int i = 0; i < entries; i++) {
            metadata.put("key-" + i, (revision + "-" + "v".repeat(valueLength)).substring(0, valueLength));
        }
        String service = "service-" + instance % services;
        Mutation mutation = new Mutation(
                new RecordKey.OfInstance(new InstanceKey(own("prod"), own(service), "instance-" + instance)),
                new InstanceRecord(
                        new Instance(
                                own(service),
                                "instance-" + instance,
                                List.of(new Endpoint(own("grpc"), own("10.20.30.40"), 8080, false)),
                                own("zone-1"),
                                100,
                                metadata,
                                InstanceStatus.UP,
                                1,
                                0),
                        own("0123456789abcdef0123456789abcdef"),
                        "request-" + revision));
        applier.commit(new Commit(++revision, List.of(mutation)));
        applier.batchComplete();
    }

    private static String own(String text) {
        return new String(text.toCharArray());
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    @ParameterizedTest
    @CsvSource({"600, 14, 1000", "6000, 4, 20", "3000, 64, 8", "6000, 0, 0"})
    void history_countsWhatItTakes(int commits, int entries, int valueLength) {
        for (int i = 0; i < 50; i++) {
            change(i, 8, entries, valueLength);
        }
        long heapBefore = usedHeap();
        long countedBefore = hub.historyBytes();
        for (int i = 0; i < commits; i++) {
            change(i % 50, 8, entries, valueLength);
        }
        long heap = usedHeap() - heapBefore;
        long counted = hub.historyBytes() - countedBefore;
        assertThat((double) counted / heap)
                .as("counted %d, the heap grew by %d for each commit", counted / commits, heap / commits)
                .isBetween(0.75, 1.35);
    }

    @ParameterizedTest
    @CsvSource({"400, 14, 1000", "5000, 4, 20", "2000, 64, 8", "8000, 0, 0"})
    void view_countsWhatItTakes(int instances, int entries, int valueLength) {
        hub.allowHistory(0);
        change(100_000, 8, entries, valueLength);
        long heapBefore = usedHeap();
        long countedBefore = view.bytes();
        for (int i = 0; i < instances; i++) {
            change(i, 8, entries, valueLength);
        }
        long heap = usedHeap() - heapBefore;
        long counted = view.bytes() - countedBefore;
        assertThat((double) counted / heap)
                .as("counted %d, the heap grew by %d for each instance", counted / instances, heap / instances)
                .isBetween(0.75, 1.35);
    }

    @Test
    void history_thatMayTakeNothing_takesNothing_andChangesAreStillTold() {
        for (int i = 0; i < 100; i++) {
            change(i, 8, 4, 100);
        }
        assertThat(hub.historyBytes()).isPositive();
        hub.allowHistory(0);
        assertThat(hub.historyBytes()).isZero();
        change(1, 8, 4, 100);
        assertThat(hub.historyBytes()).isZero();
        hub.allowHistory(Long.MAX_VALUE);
        change(1, 8, 4, 100);
        assertThat(hub.historyEntries()).isEqualTo(2);
    }
}
