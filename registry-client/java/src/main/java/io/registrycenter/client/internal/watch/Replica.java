package io.registrycenter.client.internal.watch;

import io.registrycenter.client.Change;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.RemovalReason;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.internal.watch.Step.Verdict;
import io.registrycenter.client.internal.wire.WireChange;
import io.registrycenter.client.internal.wire.WireDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A copy of what one interest matches, with the cursor it has applied: follows deltas, swaps snapshots whole.
 *
 * <p>A delta is taken when its {@code after} proves that nothing is missing, skipped when it is already applied. Of a
 * snapshot, which comes complete, what differs is told; nothing is ever cleared first. Within one epoch the cursor
 * never decreases, but for {@code REVISION_AHEAD} and {@code EPOCH_CHANGED}, with which the server proves that the history of
 * this copy was thrown away. The mark of the cursor is always the one that came with its revision.
 * What a snapshot of another history lacks is held until its time is over, because a registry that was wiped must not
 * empty its clients; while the link is lost the time stands still.
 *
 * <p>Knows no stream and no timer. Confined to the serial executor.
 */
final class Replica {

    private final long holdNanos;
    private final Map<InstanceName, Instance> instances = new TreeMap<>();
    /** Missing in the newest history, with the time on the hold clock at which they are dropped. */
    private final Map<InstanceName, Long> held = new TreeMap<>();

    private final HoldClock holdClock = new HoldClock();

    private @Nullable Cursor cursor;

    Replica(long holdNanos) {
        this.holdNanos = holdNanos;
    }

    /** Begins again from a state: what a former process knew, or what was shown before a fault. Holds start anew. */
    void restore(@Nullable Cursor at, List<Instance> known, List<Instance> heldOnes, long nowNanos) {
        cursor = at;
        instances.clear();
        held.clear();
        known.forEach(instance -> instances.put(InstanceName.of(instance), instance));
        for (Instance instance : heldOnes) {
            InstanceName name = InstanceName.of(instance);
            if (holdNanos > 0) {
                held.put(name, holdClock.at(nowNanos) + holdNanos);
            } else {
                instances.remove(name);
            }
        }
    }

    @Nullable
    Cursor cursor() {
        return cursor;
    }

    List<Instance> instances() {
        return List.copyOf(instances.values());
    }

    List<Instance> heldInstances() {
        List<Instance> kept = new ArrayList<>(held.size());
        held.keySet().forEach(name -> {
            Instance instance = instances.get(name);
            if (instance != null) {
                kept.add(instance);
            }
        });
        return kept;
    }

    Step apply(List<WireDelta> deltas) {
        List<Change> changes = new ArrayList<>();
        boolean coalesced = false;
        for (WireDelta delta : deltas) {
            Cursor at = cursor;
            if (at == null || delta.after() > at.revision()) {
                return new Step(Verdict.GAP, changes, null, coalesced);
            }
            if (delta.revision() > at.revision()) {
                apply(delta, at, changes);
                coalesced |= delta.coalesced();
                cursor = new Cursor(at.epoch(), delta.revision(), delta.mark());
            }
        }
        return new Step(Verdict.APPLIED, changes, null, coalesced);
    }

    private void apply(WireDelta delta, Cursor at, List<Change> changes) {
        for (WireChange change : delta.changes()) {
            if (change instanceof WireChange.Put put) {
                Instance instance = put.instance();
                // A coalesced delta may begin before this cursor: what it repeats was told already.
                if (!delta.coalesced() || instance.modifiedRevision() > at.revision()) {
                    put(instance, delta.coalesced() ? instance.modifiedRevision() : delta.revision(), changes);
                }
            } else if (change instanceof WireChange.Removal removal) {
                InstanceName name = new InstanceName(removal.service(), removal.instanceId());
                held.remove(name);
                Instance before = instances.remove(name);
                if (before != null) {
                    changes.add(new Change.Removal(before, removal.reason(), delta.revision()));
                }
            }
        }
    }

    private void put(Instance instance, long revision, List<Change> changes) {
        InstanceName name = InstanceName.of(instance);
        held.remove(name);
        changes.add(new Change.Put(instance, instances.put(name, instance), revision));
    }

    /**
     * Takes a complete state.
     *
     * @param complete the instances of all parts together
     */
    Step apply(SnapshotReason reason, Cursor at, List<Instance> complete, long nowNanos) {
        Cursor before = cursor;
        boolean otherEpoch = before != null && !before.epoch().equals(at.epoch());
        boolean otherHistory =
                otherEpoch || reason == SnapshotReason.EPOCH_CHANGED || reason == SnapshotReason.REVISION_AHEAD;
        if (before != null && !otherHistory && at.revision() < before.revision()) {
            return Step.without(Verdict.SERVER_BEHIND);
        }
        List<Change> changes = swap(complete, at, otherHistory && before != null, nowNanos);
        cursor = at;
        // After a resync no cursor was sent, so the server could not know that its epoch is new to this copy.
        SnapshotReason told = otherEpoch && reason == SnapshotReason.INITIAL ? SnapshotReason.EPOCH_CHANGED : reason;
        return new Step(Verdict.APPLIED, changes, told, false);
    }

    private List<Change> swap(List<Instance> complete, Cursor at, boolean otherHistory, long nowNanos) {
        List<Change> changes = new ArrayList<>();
        Map<InstanceName, Instance> gone = new TreeMap<>(instances);
        for (Instance instance : complete) {
            InstanceName name = InstanceName.of(instance);
            Instance known = gone.remove(name);
            held.remove(name);
            instances.put(name, instance);
            // Revisions of two histories cannot be compared: there only what the provider said counts.
            boolean same = known != null && (otherHistory ? instance.sameAs(known) : instance.equals(known));
            if (!same) {
                changes.add(new Change.Put(instance, known, instance.modifiedRevision()));
            }
        }
        gone.forEach((name, known) -> {
            if (otherHistory && holdNanos > 0) {
                held.putIfAbsent(name, holdClock.at(nowNanos) + holdNanos);
            } else if (!held.containsKey(name)) {
                instances.remove(name);
                changes.add(new Change.Removal(known, RemovalReason.NOT_IN_SNAPSHOT, at.revision()));
            }
        });
        return changes;
    }

    /** Nothing up to the cursor is missing. Of another epoch it says nothing about this copy. */
    boolean heartbeat(Cursor proven) {
        Cursor at = cursor;
        if (at == null || !at.epoch().equals(proven.epoch())) {
            return false;
        }
        boolean marks = proven.revision() == at.revision() && at.mark().isEmpty();
        if (proven.revision() > at.revision() || marks) {
            cursor = proven;
        }
        return true;
    }

    /** How long until the next held instance is dropped, if holds go on; empty when none is held. */
    OptionalLong holdLeftNanos(long nowNanos) {
        OptionalLong ends = held.values().stream().mapToLong(Long::longValue).min();
        return ends.isEmpty() ? ends : OptionalLong.of(Math.max(0, ends.getAsLong() - holdClock.at(nowNanos)));
    }

    /** The view has, or has lost, its source: holds go on, or stand still. */
    void countHolds(boolean on, long nowNanos) {
        holdClock.run(on, nowNanos);
    }

    /** Drops held instances whose time is over. */
    Step dropHeld(long nowNanos) {
        List<Change> changes = new ArrayList<>();
        Cursor at = cursor;
        long revision = at == null ? 0 : at.revision();
        held.entrySet().removeIf(entry -> {
            if (entry.getValue() > holdClock.at(nowNanos)) {
                return false;
            }
            Instance known = instances.remove(entry.getKey());
            if (known != null) {
                changes.add(new Change.Removal(known, RemovalReason.NOT_IN_SNAPSHOT, revision));
            }
            return true;
        });
        return new Step(Verdict.APPLIED, changes, null, false);
    }
}
