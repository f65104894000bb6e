package io.registrycenter.registration;

import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Deletes tombstones that are older than the history window, in silence: no watcher can still need them.
 *
 * <p>Tombstones have no time of their own. The sweeper notes now and then which revision the view had, and sweeps up to the
 * revision it had one window ago; after a restart it starts to count anew. A tombstone that was overwritten meanwhile is
 * left alone: each is guarded by its own revision. Each {@link #sweep} queues one batch of at most {@value #BATCH}, and none
 * while the last one is under way, so the rate is bounded by how often it is called.
 *
 * <p>{@link #sweep} is called by one thread at a time; the counter is read by any.
 */
public final class TombstoneSweeper {

    static final int BATCH = 100;

    /** How many notes are kept: a window is measured to a sixtieth of its length. */
    private static final int NOTES = 60;

    private record Note(long nanos, long revision) {}

    private final Store store;
    private final View view;
    private final LongSupplier nanoTime;
    private final long windowNanos;
    private final ArrayDeque<Note> notes = new ArrayDeque<>(NOTES + 2);
    private final AtomicBoolean underWay = new AtomicBoolean();
    private final AtomicLong swept = new AtomicLong();

    private long sweepUpTo;

    /** @param window how long a tombstone is kept at least */
    public TombstoneSweeper(Store store, View view, LongSupplier nanoTime, Duration window) {
        this.store = store;
        this.view = view;
        this.nanoTime = nanoTime;
        windowNanos = window.toNanos();
    }

    /** Deletes the next batch, if there is one. Store trouble is left for the next call. */
    public void sweep() {
        note(nanoTime.getAsLong());
        if (sweepUpTo == 0 || !underWay.compareAndSet(false, true)) {
            return;
        }
        Collection<StoredRecord> graves = view.tombstonesUpTo(sweepUpTo, BATCH);
        if (graves.isEmpty()) {
            underWay.set(false);
            return;
        }
        delete(List.copyOf(graves));
    }

    /** Tombstones deleted since the start. */
    public long swept() {
        return swept.get();
    }

    private void note(long now) {
        Note last = notes.peekLast();
        if (last == null || now - last.nanos() >= windowNanos / NOTES) {
            notes.addLast(new Note(now, view.revision()));
        }
        for (Note first = notes.peekFirst();
                first != null && now - first.nanos() >= windowNanos;
                first = notes.peekFirst()) {
            sweepUpTo = first.revision();
            notes.removeFirst();
        }
    }

    private void delete(List<StoredRecord> graves) {
        List<Guard> guards = new ArrayList<>(graves.size());
        List<Mutation> mutations = new ArrayList<>(graves.size());
        for (StoredRecord grave : graves) {
            guards.add(new Guard(grave.key(), grave.revision()));
            mutations.add(new Mutation(grave.key(), null));
        }
        var unused = store.commit(new Transaction(guards, mutations))
                .whenComplete((outcome, failure) -> deleted(graves, outcome));
    }

    private void deleted(List<StoredRecord> graves, @Nullable Outcome outcome) {
        if (outcome instanceof Outcome.Conflict conflict) {
            List<StoredRecord> still = new ArrayList<>(graves.size());
            for (StoredRecord grave : graves) {
                StoredRecord current = conflict.current().get(grave.key());
                if (current != null && current.revision() == grave.revision()) {
                    still.add(grave);
                }
            }
            if (!still.isEmpty() && still.size() < graves.size()) {
                delete(still);
                return;
            }
        } else if (outcome instanceof Outcome.Committed) {
            swept.addAndGet(graves.size());
        }
        underWay.set(false);
    }
}
