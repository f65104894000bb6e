package io.registrycenter.e2e.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** A list that grows at its end until it is ended, and can be waited for. For any thread. */
final class Growing<T> {

    @GuardedBy("this")
    private final List<T> all = new ArrayList<>();

    @GuardedBy("this")
    private boolean ended;

    synchronized void add(T one) {
        all.add(one);
        notifyAll();
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    synchronized int size() {
        return all.size();
    }

    synchronized List<T> from(int index) {
        return List.copyOf(all.subList(Math.min(index, all.size()), all.size()));
    }

    synchronized T get(int index) {
        return all.get(index);
    }

    /** Index of the first wanted one from an index on; empty when none came in time or before the end. */
    OptionalInt first(int from, Predicate<T> wanted, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        int next = from;
        for (Optional<T> one = at(next, deadline); one.isPresent(); one = at(next, deadline)) {
            if (wanted.test(one.get())) {
                return OptionalInt.of(next);
            }
            next++;
        }
        return OptionalInt.empty();
    }

    /** The different keys of wanted ones from an index on, until there are so many; fewer when time or list ended before. */
    <K> Set<K> distinct(int from, Predicate<T> wanted, Function<T, K> key, int count, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        Set<K> seen = new HashSet<>();
        int next = from;
        while (seen.size() < count) {
            Optional<T> one = at(next, deadline);
            if (one.isEmpty()) {
                return seen;
            }
            if (wanted.test(one.get())) {
                seen.add(key.apply(one.get()));
            }
            next++;
        }
        return seen;
    }

    /** Waits for one at an index. */
    private synchronized Optional<T> at(int index, long deadline) {
        try {
            while (index >= all.size()) {
                long leftMs = (deadline - System.nanoTime()) / 1_000_000;
                if (ended || leftMs <= 0) {
                    return Optional.empty();
                }
                wait(leftMs);
            }
            return Optional.of(all.get(index));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for output", e);
        }
    }
}
