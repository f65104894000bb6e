package io.registrycenter.watch;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Interest;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Folds the commits between two sequence numbers of a ring into the newest change of each instance. */
final class Coalescer {

    private Coalescer() {}

    /**
     * The net changes of {@code [from, to)} for an interest, oldest change first; null when the ring lost one of them
     * meanwhile.
     */
    static @Nullable List<Change> netChanges(Ring ring, long from, long to, Interest interest) {
        Map<InstanceKey, InstanceChange> net = new LinkedHashMap<>();
        for (long seq = from; seq < to; seq++) {
            HistoryEntry entry = ring.get(seq);
            if (entry == null) {
                return null;
            }
            for (InstanceChange change : entry.changes()) {
                InstanceChange earlier = net.remove(change.key());
                net.put(change.key(), earlier == null ? change : join(earlier, change));
            }
        }
        List<InstanceChange> changes = new ArrayList<>(net.values());
        return LabelView.judge(interest, changes);
    }

    private static InstanceChange join(InstanceChange earlier, InstanceChange later) {
        return new InstanceChange(
                later.key(),
                earlier.before(),
                later.after(),
                later.reason(),
                earlier.beforeSession(),
                later.afterSession());
    }
}
