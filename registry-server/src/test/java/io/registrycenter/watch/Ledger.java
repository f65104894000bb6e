package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** How often each guarantee was checked, and where it was broken. For any thread. */
final class Ledger {

    private static final int BREACHES_KEPT = 3;

    @GuardedBy("this")
    private final Map<Guarantee, Long> checks = new EnumMap<>(Guarantee.class);

    @GuardedBy("this")
    private final Map<Guarantee, List<String>> breaches = new EnumMap<>(Guarantee.class);

    /** What clients were told, by kind: a history that never met a kind of answer proves nothing about it. */
    @GuardedBy("this")
    private final Map<String, Integer> met = new TreeMap<>();

    synchronized void check(Guarantee guarantee, boolean holds, Supplier<String> breach) {
        checks.merge(guarantee, 1L, Long::sum);
        if (!holds) {
            List<String> known = breaches.computeIfAbsent(guarantee, g -> new ArrayList<>());
            if (known.size() < BREACHES_KEPT) {
                known.add(breach.get());
            }
        }
    }

    synchronized void met(String kind) {
        met.merge(kind, 1, Integer::sum);
    }

    synchronized Map<String, Integer> met() {
        return Map.copyOf(met);
    }

    synchronized long checks(Guarantee guarantee) {
        return checks.getOrDefault(guarantee, 0L);
    }

    /** @throws AssertionError that names the guarantee and the seed, when it was broken */
    synchronized void verify(Guarantee guarantee, long seed) {
        List<String> known = breaches.getOrDefault(guarantee, List.of());
        if (!known.isEmpty()) {
            throw new AssertionError(guarantee + " (" + guarantee.statement() + ") is broken with seed " + seed
                    + ":\n  " + String.join("\n  ", known));
        }
    }
}
