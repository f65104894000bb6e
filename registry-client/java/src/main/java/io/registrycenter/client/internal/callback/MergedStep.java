package io.registrycenter.client.internal.callback;

import io.registrycenter.client.Change;
import io.registrycenter.client.Instance;
import io.registrycenter.client.RemovalReason;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.ViewChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Many steps as one: the difference between what a listener was told last and the newest view. Guarded by its mailbox.
 *
 * <p>Holds the newest view and one removal for each instance the listener knows, however many steps are added.
 */
final class MergedStep {

    private record Name(String service, String id) {}

    private final Map<Name, Instance> told = new LinkedHashMap<>();
    private final Map<Name, Change.Removal> removals = new HashMap<>();
    private @Nullable ViewChange newest;
    private @Nullable SnapshotReason snapshot;

    MergedStep(List<Instance> told) {
        told.forEach(instance -> this.told.put(name(instance), instance));
    }

    void add(ViewChange step) {
        newest = step;
        if (step.snapshot() != null) {
            snapshot = step.snapshot();
        }
        for (Change change : step.changes()) {
            Name name = new Name(change.service(), change.instanceId());
            if (change instanceof Change.Removal removal && told.containsKey(name)) {
                removals.put(name, removal);
            }
        }
    }

    ViewChange build() {
        ViewChange last = Objects.requireNonNull(newest, "a merged step has at least one step");
        List<Change> changes = new ArrayList<>();
        Map<Name, Instance> gone = new LinkedHashMap<>(told);
        for (Instance instance : last.instances()) {
            Instance before = gone.remove(name(instance));
            if (!instance.equals(before)) {
                changes.add(new Change.Put(instance, before, instance.modifiedRevision()));
            }
        }
        gone.forEach((name, before) -> {
            Change.Removal removal = removals.get(name);
            changes.add(
                    removal == null
                            ? new Change.Removal(
                                    before,
                                    RemovalReason.NOT_IN_SNAPSHOT,
                                    last.cursor().revision())
                            : new Change.Removal(before, removal.reason(), removal.revision()));
        });
        return new ViewChange(last.interest(), snapshot, changes, last.instances(), last.cursor(), true);
    }

    private static Name name(Instance instance) {
        return new Name(instance.service(), instance.id());
    }
}
