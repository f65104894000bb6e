package io.registrycenter.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides how much history is kept: every commit for a time, then it is compacted away; and never more than so many bytes,
 * where the oldest go even when they are younger.
 *
 * <p>Revisions carry no time. So the head is written down every {@link #SAMPLE_INTERVAL}: what was at or below a head that was
 * sampled an hour ago is at least an hour old. What was there at the start is taken as written then.
 *
 * <p>For every engine.
 */
public final class Retention {

    public static final Duration DEFAULT_AGE = Duration.ofMinutes(10);
    public static final long DEFAULT_MAX_BYTES = 1L << 30;

    public static final Duration SAMPLE_INTERVAL = Duration.ofSeconds(10);
    static final Duration COMPACTION_INTERVAL = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private record Sample(long nanos, long head) {}

    private final Store store;
    private final Duration age;
    private final long maxBytes;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();

    /** Oldest first; at most one of them is older than the age. */
    @GuardedBy("lock")
    private final ArrayDeque<Sample> samples = new ArrayDeque<>();

    @GuardedBy("lock")
    private long compactedAt;

    /** Whether the bytes were above their limit when last looked at: said once, not every time. */
    @GuardedBy("lock")
    private boolean full;

    /**
     * Does nothing until it {@link #look looks}.
     *
     * @param age how long every commit is kept, 1 minute or more
     * @param maxBytes of {@link Store#historyBytes}, 1 MiB or more
     * @param nanoTime monotonic, as {@link System#nanoTime}
     */
    public Retention(Store store, Duration age, long maxBytes, LongSupplier nanoTime) {
        if (age.compareTo(Duration.ofMinutes(1)) < 0 || maxBytes < 1 << 20) {
            throw new IllegalArgumentException("history is kept for at least 1 minute and in at least 1 MiB, not for "
                    + age + " in " + maxBytes + " bytes");
        }
        this.store = store;
        this.age = age;
        this.maxBytes = maxBytes;
        this.nanoTime = nanoTime;
        this.compactedAt = nanoTime.getAsLong();
    }

    /** Looks at the head and the clock, and compacts what is due. Called every {@link #SAMPLE_INTERVAL}; blocks nothing. */
    public void look() {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            samples.add(new Sample(now, store.head()));
            long oldEnough = oldEnough(now);
            if (now - compactedAt >= COMPACTION_INTERVAL.toNanos()) {
                compactedAt = now;
                compact(oldEnough);
            }
            keepBelowLimit();
        } finally {
            lock.unlock();
        }
    }

    /** The newest head that is known to be older than the age, or 0; samples before it are forgotten. */
    @GuardedBy("lock")
    private long oldEnough(long now) {
        long found = 0;
        while (now - samples.getFirst().nanos() >= age.toNanos()) {
            found = samples.getFirst().head();
            if (samples.size() == 1 || now - second().nanos() < age.toNanos()) {
                break;
            }
            samples.removeFirst();
        }
        return found;
    }

    @GuardedBy("lock")
    private Sample second() {
        var iterator = samples.iterator();
        iterator.next();
        return iterator.next();
    }

    @GuardedBy("lock")
    private void keepBelowLimit() {
        long bytes = store.historyBytes();
        if (bytes <= maxBytes) {
            full = false;
            return;
        }
        long floor = store.floor();
        long head = store.head();
        // As if all commits were of one size, down to 90 %; the next look corrects it.
        double share = 1 - 0.9 * maxBytes / bytes;
        long target = floor + (long) Math.ceil((head - floor) * share);
        if (!full) {
            full = true;
            LOG.warn(
                    "The history takes {} bytes, more than the {} allowed: commits up to revision {} go although they may be"
                            + " younger than {}; watchers that resume before it get a snapshot",
                    bytes,
                    maxBytes,
                    target,
                    age);
        }
        compact(target);
    }

    private void compact(long revision) {
        if (revision > store.floor()) {
            var unused = store.compact(revision).whenComplete((floor, failure) -> {
                if (failure != null) {
                    LOG.warn("The history was not compacted up to revision {}: {}", revision, failure.getMessage());
                } else {
                    LOG.debug("The history begins after revision {}", floor);
                }
            });
        }
    }
}
