package io.registrycenter.config;

import io.registrycenter.memory.Heap;
import io.registrycenter.memory.HeapPressure;
import io.registrycenter.memory.HeapSample;
import io.registrycenter.memory.MemoryBudget;
import io.registrycenter.observe.MemoryHealth;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The budget of the heap, kept: history shrinks while the heap is tight, and the log and health say so, as they do when
 * instances and sessions have outgrown their part. Looks once a second, on the ticking thread; the facts are for any thread.
 */
final class MemoryWatch {

    private static final Logger log = LoggerFactory.getLogger(MemoryWatch.class);

    /** The embedded store has records of its own, which after a start are no longer the view's. */
    static final int COPIES_EMBEDDED = 2;

    private final MemoryBudget budget;
    private final int copies;
    private final Hub hub;
    private final View view;
    private final Supplier<HeapSample> heap;
    private final LongSupplier nanoTime;
    private final HeapPressure pressure;
    private boolean toldOutgrown;
    private volatile boolean tight;
    private volatile long allowed;

    /** @param copies of each record that this process holds */
    MemoryWatch(MemoryBudget budget, int copies, Hub hub, View view, Supplier<HeapSample> heap, LongSupplier nanoTime) {
        this.budget = budget;
        this.copies = copies;
        this.hub = hub;
        this.view = view;
        this.heap = heap;
        this.nanoTime = nanoTime;
        this.pressure = new HeapPressure(budget.history(), nanoTime.getAsLong());
        this.allowed = budget.history();
    }

    void look() {
        HeapSample sample = heap.get();
        shrink(sample);
        outgrown();
        if (pressure.hopeless(sample, nanoTime.getAsLong())) {
            Heap.end(sample);
        }
    }

    private void shrink(HeapSample sample) {
        long now = pressure.judge(sample, hub.historyBytes() + hub.snapshotBytes() + hub.rememberedBytes());
        if (now == allowed) {
            return;
        }
        allowed = now;
        hub.allowHistory(now);
        if (pressure.tight() != tight) {
            tight = pressure.tight();
            if (tight) {
                log.warn(
                        "The heap is tight: collections leave {} of {}. History may take {} instead of {}, so that clients"
                                + " that resume are sent snapshots; give the JVM more heap.",
                        MemoryRules.mb(sample.live()),
                        MemoryRules.mb(sample.max()),
                        MemoryRules.mb(now),
                        MemoryRules.mb(budget.history()));
            } else {
                log.info("The heap has room again: history may take {}.", MemoryRules.mb(now));
            }
        }
    }

    private void outgrown() {
        boolean now = hasOutgrown();
        if (now && !toldOutgrown) {
            log.warn(
                    "Instances and sessions take about {}, more than the {} that the heap of {} has for them: give the JVM more"
                            + " heap, or out of memory ends the process.",
                    MemoryRules.mb(viewBytes()),
                    MemoryRules.mb(budget.view()),
                    MemoryRules.mb(budget.heap()));
        }
        toldOutgrown = now;
    }

    private long viewBytes() {
        return copies * view.bytes();
    }

    private boolean hasOutgrown() {
        return viewBytes() > budget.view();
    }

    MemoryHealth.Facts facts() {
        boolean outgrown = hasOutgrown();
        return new MemoryHealth.Facts(
                budget.heap(),
                hub.historyBytes() + hub.rememberedBytes(),
                hub.snapshotBytes(),
                allowed,
                viewBytes(),
                budget.view(),
                outgrown
                        ? "instances and sessions have outgrown their part of the heap: give the JVM more"
                        : tight ? "the heap is tight, history has shrunk: give the JVM more" : "nothing to do");
    }
}
