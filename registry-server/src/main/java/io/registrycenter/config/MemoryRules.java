package io.registrycenter.config;

import io.registrycenter.memory.MemoryBudget;
import org.springframework.util.unit.DataSize;

/** Settings that must fit into the memory there is, checked when the memory is divided, before anything is built. */
final class MemoryRules {

    /** History and snapshots take no more unless told to. */
    static final DataSize HISTORY_CAP = DataSize.ofMegabytes(256);

    /** One connection may have this share of the memory for requests and answers ahead of everybody else. */
    private static final int CONNECTION_SHARE = 4;

    private MemoryRules() {}

    /**
     * Divides a heap.
     *
     * @throws SettingRefused for the first rule that is broken
     */
    static MemoryBudget budget(long heap, DirectMemory direct, Settings settings) {
        if (heap < MemoryBudget.SMALLEST_HEAP_BYTES) {
            throw new SettingRefused("The heap of the JVM (" + mb(heap) + ", see -Xmx) must be at least "
                    + mb(MemoryBudget.SMALLEST_HEAP_BYTES) + ", or there is no room for anything but the program.");
        }
        double fraction = settings.memory().fraction();
        DataSize wanted = settings.watch().historyNodeBytes();
        MemoryBudget budget =
                MemoryBudget.of(heap, fraction, wanted == null ? HISTORY_CAP.toBytes() : wanted.toBytes());
        if (wanted != null && budget.history() < wanted.toBytes()) {
            throw new SettingRefused("registry.watch.history-node-bytes (" + mb(wanted.toBytes()) + ") must be at most "
                    + mb(budget.history()) + ", what registry.memory.fraction (" + fraction + ") of the heap of "
                    + mb(heap) + " leaves for it, or history takes the memory that everything else needs.");
        }
        DataSize window = settings.grpc().flowControlWindow();
        if (window.toBytes() > direct.grpc() / CONNECTION_SHARE) {
            throw new SettingRefused("registry.grpc.flow-control-window (" + mb(window.toBytes())
                    + ") must be at most a quarter of the direct memory for gRPC (" + mb(direct.grpc())
                    + ", see -XX:MaxDirectMemorySize), or a few clients take all of it.");
        }
        return budget;
    }

    static String mb(long bytes) {
        return (bytes >> 20) + "MB";
    }
}
