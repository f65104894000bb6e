package io.registrycenter.store.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.Commit;
import io.registrycenter.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest commits, in memory: followers that keep up never read the disk. Bounded in count and bytes, the oldest batch goes
 * first, the newest always stays. For any thread.
 */
final class Tail {

    private record Batch(List<Commit> commits, long last, long bytes) {}

    /** What a follower finds. */
    sealed interface Found {
        /** Commits after its position, in order; some of the first may be before it. */
        record Commits(List<List<Commit>> batches) implements Found {}

        /** Its position is before the tail: the disk has what it needs. */
        record Behind() implements Found {}

        /** It has everything, and nothing comes any more. */
        record Ended(StoreException reason) implements Found {}

        /** It asked to stop waiting. */
        record Stopped() implements Found {}
    }

    private final Limits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();

    /** The tail has every commit after this revision. */
    @GuardedBy("lock")
    private long start;

    @GuardedBy("lock")
    private long head;

    @GuardedBy("lock")
    private int commits;

    @GuardedBy("lock")
    private long bytes;

    @GuardedBy("lock")
    private @Nullable StoreException end;

    Tail(Limits limits, long head) {
        this.limits = limits;
        this.start = head;
        this.head = head;
    }

    /** Durable commits, the newest of all, and their encoded size. */
    void add(List<Commit> added, long addedBytes) {
        lock.lock();
        try {
            head = added.getLast().revision();
            batches.add(new Batch(added, head, addedBytes));
            commits += added.size();
            bytes += addedBytes;
            while (batches.size() > 1 && (commits > limits.tailCommits() || bytes > limits.tailBytes())) {
                Batch oldest = batches.remove();
                start = oldest.last();
                commits -= oldest.commits().size();
                bytes -= oldest.bytes();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long head() {
        lock.lock();
        try {
            return head;
        } finally {
            lock.unlock();
        }
    }

    /** The tail has every commit after this revision. */
    long start() {
        lock.lock();
        try {
            return start;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing comes any more. */
    void end(StoreException reason) {
        lock.lock();
        try {
            if (end == null) {
                end = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets those who wait look whether they should stop. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is something for a follower that has everything up to a revision. */
    Found await(long after, BooleanSupplier stopped) throws InterruptedException {
        lock.lock();
        try {
            while (!stopped.getAsBoolean()) {
                if (after < head) {
                    return after < start ? new Found.Behind() : new Found.Commits(since(after));
                }
                if (end != null) {
                    return new Found.Ended(end);
                }
                changed.await();
            }
            return new Found.Stopped();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for so long, or until a follower should stop or the store has ended; then says why. */
    @Nullable
    StoreException pause(Duration most, BooleanSupplier stopped) throws InterruptedException {
        lock.lock();
        try {
            long left = most.toNanos();
            while (left > 0 && end == null && !stopped.getAsBoolean()) {
                left = changed.awaitNanos(left);
            }
            return end;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private List<List<Commit>> since(long after) {
        List<List<Commit>> found = new ArrayList<>();
        Iterator<Batch> newestFirst = batches.descendingIterator();
        while (newestFirst.hasNext()) {
            Batch batch = newestFirst.next();
            if (batch.last() <= after) {
                break;
            }
            found.add(batch.commits());
        }
        Collections.reverse(found);
        return found;
    }
}
