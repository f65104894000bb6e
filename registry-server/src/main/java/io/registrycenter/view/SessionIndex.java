package io.registrycenter.view;

import io.registrycenter.catalog.InstanceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which instances a session holds. Written by the applier thread, read by any thread. */
final class SessionIndex {

    /** Sets are touched only inside {@code compute}, which is atomic for each session. */
    private final ConcurrentHashMap<String, Set<InstanceKey>> held = new ConcurrentHashMap<>();

    void moved(InstanceKey key, String from, String to) {
        if (from.equals(to)) {
            return;
        }
        if (!from.isEmpty()) {
            held.computeIfPresent(from, (session, keys) -> {
                keys.remove(key);
                return keys.isEmpty() ? null : keys;
            });
        }
        if (!to.isEmpty()) {
            held.compute(to, (session, known) -> {
                Set<InstanceKey> keys = known == null ? new HashSet<>(2) : known;
                keys.add(key);
                return keys;
            });
        }
    }

    Collection<InstanceKey> of(String session) {
        List<List<InstanceKey>> copy = new ArrayList<>(1);
        held.computeIfPresent(session, (ignored, keys) -> {
            copy.add(List.copyOf(keys));
            return keys;
        });
        return copy.isEmpty() ? List.of() : copy.get(0);
    }
}
