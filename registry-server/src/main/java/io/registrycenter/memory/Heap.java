package io.registrycenter.memory;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The heap of this JVM, as its management beans tell of it. Any thread; a few reads, no allocation worth mentioning. */
public final class Heap {

    private final Optional<MemoryPoolMXBean> old = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
            .max(Comparator.comparingLong(pool -> pool.getUsage().getMax()));

    /** Those that stop the process; a concurrent collector also has a bean for the time that it ran beside it. */
    private final List<GarbageCollectorMXBean> stopping = ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(collector -> !collector.getName().contains("Cycles")
                    && !collector.getName().contains("Concurrent"))
            .toList();

    public HeapSample sample() {
        MemoryUsage left = old.map(MemoryPoolMXBean::getCollectionUsage).orElse(null);
        long max = old.map(pool -> pool.getUsage().getMax()).orElse(0L);
        long ms = 0;
        for (GarbageCollectorMXBean collector : stopping) {
            ms += Math.max(0, collector.getCollectionTime());
        }
        return new HeapSample(left == null ? 0 : left.getUsed(), max, ms);
    }

    /** Ends the process: it hardly does anything but collect. */
    public static void end(HeapSample last) {
        OutOfMemory.end("most of the last " + HeapPressure.WINDOW.toSeconds() + " s went into collections, which left "
                + (last.live() >> 20) + " of " + (last.max() >> 20) + " MB");
    }
}
