package io.registrycenter.e2e.swarm;

import io.registrycenter.client.Change;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.ViewChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Follows what one watcher is told and says where it breaks a guarantee: revisions that decrease (ordered), a change that was
 * told before (unique), a cursor that goes back in an epoch (no time travel), and a view that is not what its changes make of
 * the view before (convergent). Confined to its watcher's callbacks.
 */
final class ViewCheck {

    private static final Comparator<Instance> BY_NAME =
            Comparator.comparing(instance -> key(instance.service(), instance.id()));

    private @Nullable Cursor applied;
    private final Map<String, Instance> mirror = new TreeMap<>();

    /** What is wrong with the next step; empty when nothing is. */
    List<String> next(ViewChange step) {
        List<String> wrong = new ArrayList<>();
        Cursor now = step.cursor();
        Cursor before = applied;
        boolean sameEpoch = before != null && before.epoch().equals(now.epoch());
        if (sameEpoch && now.revision() < before.revision()) {
            wrong.add("time travel: from " + before + " to " + now);
        }
        if (step.snapshot() == null && before != null) {
            changesOnly(step, before, sameEpoch, wrong);
        }
        step.changes().forEach(this::apply);
        if (!List.copyOf(mirror.values())
                .equals(step.instances().stream().sorted(BY_NAME).toList())) {
            wrong.add("not convergent: at " + now + " the changes make " + names(mirror.values())
                    + " of the view, told was " + names(step.instances()));
            mirror.clear();
            step.instances().forEach(instance -> mirror.put(key(instance.service(), instance.id()), instance));
        }
        applied = now;
        return wrong;
    }

    private static void changesOnly(ViewChange step, Cursor before, boolean sameEpoch, List<String> wrong) {
        if (!sameEpoch) {
            wrong.add("another epoch without a snapshot: " + before + ", then " + step.cursor());
            return;
        }
        long last = before.revision();
        Set<String> told = new HashSet<>();
        for (Change change : step.changes()) {
            String name = key(change.service(), change.instanceId());
            if (change.revision() <= before.revision()) {
                wrong.add("not unique: " + name + " at " + change.revision() + " after " + before);
            } else if (change.revision() < last && !step.coalesced()) {
                wrong.add("not ordered: " + name + " at " + change.revision() + " after " + last);
            }
            if (change.revision() > step.cursor().revision()) {
                wrong.add("beyond its cursor: " + name + " at " + change.revision() + ", " + step.cursor());
            }
            if (!told.add(name + " at " + change.revision())) {
                wrong.add("not unique: " + name + " twice at " + change.revision());
            }
            last = Math.max(last, change.revision());
        }
    }

    private void apply(Change change) {
        String name = key(change.service(), change.instanceId());
        if (change instanceof Change.Put put) {
            mirror.put(name, put.instance());
        } else {
            mirror.remove(name);
        }
    }

    private static String key(String service, String id) {
        return service + "/" + id;
    }

    private static List<String> names(Iterable<Instance> instances) {
        List<String> names = new ArrayList<>();
        instances.forEach(
                instance -> names.add(key(instance.service(), instance.id()) + "@" + instance.modifiedRevision()));
        return names;
    }
}
