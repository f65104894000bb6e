package io.registrycenter.session;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** How many sessions are in each state. Any thread. */
final class StateCounts {

    /** Not changed after construction, only the numbers in it. */
    private final Map<SessionState, AtomicInteger> counts = new EnumMap<>(SessionState.class);

    StateCounts() {
        for (SessionState state : SessionState.values()) {
            counts.put(state, new AtomicInteger());
        }
    }

    /** One session moved; null: from or to nowhere. */
    void moved(@Nullable SessionState from, @Nullable SessionState to) {
        if (from != null) {
            number(from).decrementAndGet();
        }
        if (to != null) {
            number(to).incrementAndGet();
        }
    }

    int of(SessionState state) {
        return number(state).get();
    }

    int alive() {
        return of(SessionState.ACTIVE) + of(SessionState.SUSPECT);
    }

    private AtomicInteger number(SessionState state) {
        AtomicInteger number = counts.get(state);
        if (number == null) {
            throw new IllegalStateException("no count for " + state);
        }
        return number;
    }
}
