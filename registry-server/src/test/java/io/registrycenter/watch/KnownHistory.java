package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.StoredRecord;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The truth that clients are held against: the state at every revision, learned from the commits alone. For any thread; asked
 * about a revision it does not know yet, it waits for it.
 */
final class KnownHistory implements Follower {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    @GuardedBy("this")
    private final NavigableMap<Long, Map<InstanceKey, StoredRecord>> states = new TreeMap<>(Map.of(0L, Map.of()));

    @GuardedBy("this")
    private @Nullable Throwable lost;

    @Override
    public synchronized void commit(Commit commit) {
        Map<InstanceKey, StoredRecord> next = new LinkedHashMap<>(current());
        for (Mutation mutation : commit.mutations()) {
            if (mutation.key() instanceof RecordKey.OfInstance key) {
                RecordValue value = mutation.value();
                if (value == null) {
                    next.remove(key.instance());
                } else {
                    next.put(key.instance(), new StoredRecord(key, commit.revision(), value));
                }
            }
        }
        states.put(commit.revision(), next);
        notifyAll();
    }

    /** An engine may have revisions that are no commits, for example one it writes when it is opened. */
    @Override
    public synchronized void passed(long revision) {
        if (revision > head()) {
            states.put(revision, current());
            notifyAll();
        }
    }

    @Override
    public void compacted(long floor) {
        lost(new AssertionError("compacted to " + floor));
    }

    @Override
    public synchronized void lost(Throwable cause) {
        lost = cause;
        notifyAll();
    }

    /** A store that was opened again is followed again from {@link #head}. */
    synchronized void followedAgain() {
        lost = null;
    }

    /** Nobody asks for a revision below the newest any more: room for the next history. */
    synchronized void forgetPast() {
        states.headMap(head(), false).clear();
    }

    synchronized long head() {
        return states.lastKey();
    }

    /** The records at the head. */
    synchronized Map<InstanceKey, StoredRecord> current() {
        return states.lastEntry().getValue();
    }

    /** The instances an interest matches at a revision, by service and id. */
    synchronized Map<String, Instance> stateAt(long revision, Interest interest) {
        await(revision);
        return matching(states.floorEntry(revision).getValue(), interest);
    }

    /** The interest's changes at exactly this revision, by service and id. */
    synchronized Set<String> changedAt(long revision, Interest interest) {
        await(revision);
        return changes(revision, interest);
    }

    /** The first revision after one, up to another, that changed something for the interest; null: none did. */
    synchronized @Nullable Long firstChange(long after, long upTo, Interest interest) {
        await(upTo);
        for (long revision : states.subMap(after, false, upTo, true).keySet()) {
            if (!changes(revision, interest).isEmpty()) {
                return revision;
            }
        }
        return null;
    }

    @GuardedBy("this")
    private Set<String> changes(long revision, Interest interest) {
        Map<String, Instance> before = matching(states.lowerEntry(revision).getValue(), interest);
        Map<String, Instance> after = matching(states.floorEntry(revision).getValue(), interest);
        Set<String> changed = new HashSet<>();
        after.forEach((key, instance) -> {
            if (!instance.equals(before.get(key))) {
                changed.add(key);
            }
        });
        before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(changed::add);
        return changed;
    }

    @GuardedBy("this")
    private void await(long revision) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try {
            while (states.lastKey() < revision && lost == null && deadline - System.nanoTime() > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (states.lastKey() < revision) {
            throw new AssertionError(
                    "revision " + revision + " is not in the history, which ends at " + states.lastKey(), lost);
        }
    }

    private static Map<String, Instance> matching(Map<InstanceKey, StoredRecord> state, Interest interest) {
        Map<String, Instance> result = new TreeMap<>();
        state.forEach((key, record) -> {
            if (record.value() instanceof InstanceRecord instance && inScope(key, interest)) {
                Instance stored = instance.storedAt(record.revision());
                if (interest.matches(stored)) {
                    result.put(WatchingClient.key(key.service(), key.id()), stored);
                }
            }
        });
        return result;
    }

    private static boolean inScope(InstanceKey key, Interest interest) {
        return key.namespace().equals(interest.namespace())
                && (interest.wholeNamespace() || key.service().equals(interest.service()));
    }
}
