package io.registrycenter.fault;

import io.registrycenter.catalog.CloseCause;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What was done to streams, each as the causes it may be called by. Confined to one thread. */
final class Expectation {

    private final Map<Set<CloseCause>, Long> done = new HashMap<>();

    /** So many streams were done something to that may be called any of these. */
    void add(Set<CloseCause> allowed, long streams) {
        done.merge(EnumSet.copyOf(allowed), streams, Long::sum);
    }

    void addAll(Expectation other) {
        other.done.forEach(this::add);
    }

    long streams() {
        return done.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Whether each of these ends can be the end of one of those streams, none left over on either side: for every choice of
     * causes (Hall's theorem), the streams that could only end so did.
     */
    boolean explains(Map<CloseCause, Long> ends) {
        if (ends.values().stream().mapToLong(Long::longValue).sum() != streams()) {
            return false;
        }
        Set<CloseCause> named = EnumSet.noneOf(CloseCause.class);
        done.keySet().forEach(named::addAll);
        if (!named.containsAll(ends.keySet())) {
            return false;
        }
        CloseCause[] all = named.toArray(CloseCause[]::new);
        for (int choice = 1; choice < 1 << all.length; choice++) {
            Set<CloseCause> chosen = EnumSet.noneOf(CloseCause.class);
            for (int i = 0; i < all.length; i++) {
                if ((choice & 1 << i) != 0) {
                    chosen.add(all[i]);
                }
            }
            long ended = chosen.stream()
                    .mapToLong(cause -> ends.getOrDefault(cause, 0L))
                    .sum();
            long onlySo = done.entrySet().stream()
                    .filter(entry -> chosen.containsAll(entry.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            if (ended < onlySo) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        done.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .forEach(entry -> text.append(entry.getValue())
                        .append(' ')
                        .append(entry.getKey())
                        .append(' '));
        return text.toString().strip();
    }
}
