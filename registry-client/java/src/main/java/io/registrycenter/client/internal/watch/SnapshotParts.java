package io.registrycenter.client.internal.watch;

import io.registrycenter.client.Instance;
import io.registrycenter.client.internal.wire.WireSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parts of a snapshot, set aside until all are there. Confined to the serial executor. */
final class SnapshotParts {

    private final List<Instance> instances = new ArrayList<>();
    private @Nullable WireSnapshot first;
    private int parts;

    /** Adds a part; a first one starts over. False when it does not fit to those before. */
    boolean add(WireSnapshot part) {
        if (part.part() == 0) {
            clear();
            first = part;
        } else if (first == null
                || part.part() != parts
                || !part.cursor().equals(first.cursor())
                || part.reason() != first.reason()) {
            return false;
        }
        parts++;
        instances.addAll(part.instances());
        return instances.size() <= part.total() && (!part.last() || instances.size() == part.total());
    }

    List<Instance> take() {
        List<Instance> all = List.copyOf(instances);
        clear();
        return all;
    }

    void clear() {
        instances.clear();
        first = null;
        parts = 0;
    }
}
