package io.registrycenter.view;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who holds what: a session its instances, a server its sessions. Written by the applier thread, read by any thread.
 *
 * @param <K> what is held; each by one holder at most
 */
final class Holdings<K> {

    /** Sets are touched only inside {@code compute}, which is atomic for each holder. */
    private final ConcurrentHashMap<String, Set<K>> held = new ConcurrentHashMap<>();

    /** Empty: nobody. */
    void moved(K key, String from, String to) {
        if (from.equals(to)) {
            return;
        }
        if (!from.isEmpty()) {
            held.computeIfPresent(from, (holder, keys) -> {
                keys.remove(key);
                return keys.isEmpty() ? null : keys;
            });
        }
        if (!to.isEmpty()) {
            held.compute(to, (holder, known) -> {
                Set<K> keys = known == null ? new HashSet<>(2) : known;
                keys.add(key);
                return keys;
            });
        }
    }

    Collection<K> of(String holder) {
        List<List<K>> copy = new ArrayList<>(1);
        held.computeIfPresent(holder, (ignored, keys) -> {
            copy.add(List.copyOf(keys));
            return keys;
        });
        return copy.isEmpty() ? List.of() : copy.get(0);
    }

    int count(String holder) {
        int[] count = new int[1];
        held.computeIfPresent(holder, (ignored, keys) -> {
            count[0] = keys.size();
            return keys;
        });
        return count[0];
    }

    /** Everybody who holds something. */
    Set<String> holders() {
        return Set.copyOf(held.keySet());
    }
}
