package io.registrycenter.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.RecordKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Tombstones in the order they were written, so that the oldest are found without a walk over everything.
 *
 * <p>Entries that were overwritten meanwhile are dropped when they come up. Any thread.
 */
final class Tombstones {

    record Entry(RecordKey key, long revision) {}

    @GuardedBy("this")
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();

    synchronized void add(RecordKey key, long revision) {
        entries.addLast(new Entry(key, revision));
    }

    /** The oldest that still stand, up to a revision; {@code stands} tells whether an entry is still the newest of its key. */
    synchronized List<Entry> oldest(long upTo, int max, Predicate<Entry> stands) {
        List<Entry> result = new ArrayList<>();
        Iterator<Entry> walk = entries.iterator();
        while (walk.hasNext() && result.size() < max) {
            Entry entry = walk.next();
            if (entry.revision() > upTo) {
                break;
            }
            if (stands.test(entry)) {
                result.add(entry);
            } else {
                walk.remove();
            }
        }
        return result;
    }
}
