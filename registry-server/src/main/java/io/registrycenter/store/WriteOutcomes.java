package io.registrycenter.store;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of the newest commits, and whether they say that commits do not succeed at present. Any thread; a few reads and
 * writes of fields for each commit.
 *
 * <p>Commits fail when at least {@value #FAILURES} failed since the last one that succeeded, over at least {@link #FAILING}. They
 * are stuck when some are under way and none was decided for {@link #STUCK}. Both judgements lapse: the first when a commit
 * succeeds, or when none has failed for {@link #WINDOW}, since a server that nobody asks any more must not stay out of service;
 * the second when a commit is decided.
 *
 * <p>Concurrent callers may each see the count of another; the judgement is about seconds and does not depend on that.
 */
public final class WriteOutcomes {

    static final int FAILURES = 3;
    static final Duration FAILING = Duration.ofSeconds(2);
    static final Duration WINDOW = Duration.ofSeconds(10);
    static final Duration STUCK = Duration.ofSeconds(10);

    /** A commit that its caller gave up after this long in the store counts as failed: the store was too slow. */
    static final Duration SLOW = Duration.ofSeconds(1);

    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile long decidedNanos;
    private volatile long firstFailureNanos;
    private volatile long lastFailureNanos;
    private volatile String lastFailure = "";

    /** A commit was handed to the store. */
    public void begun(long nowNanos) {
        if (underWay.getAndIncrement() == 0) {
            decidedNanos = nowNanos;
        }
    }

    /** A commit was decided in time, also by a conflict. Once for each that {@link #begun}, as the next. */
    public void succeeded(long nowNanos) {
        decided(nowNanos);
        if (failures.get() != 0) {
            failures.set(0);
        }
    }

    /**
     * A commit failed.
     *
     * @param beganNanos when it was handed to the store
     */
    public void failed(long beganNanos, long nowNanos, Throwable failure) {
        decided(nowNanos);
        if (isUnwanted(failure) && nowNanos - beganNanos < SLOW.toNanos()) {
            return;
        }
        if (failures.getAndIncrement() == 0) {
            firstFailureNanos = nowNanos;
        }
        lastFailureNanos = nowNanos;
        lastFailure = String.valueOf(failure.getMessage());
    }

    private void decided(long nowNanos) {
        underWay.decrementAndGet();
        decidedNanos = nowNanos;
    }

    private static boolean isUnwanted(Throwable failure) {
        return failure instanceof StoreException known && known.kind() == StoreException.Kind.UNWANTED;
    }

    /** Why commits do not succeed, as the end of a sentence; null while nothing says so. */
    public @Nullable String obstacle(long nowNanos) {
        int failed = failures.get();
        if (failed >= FAILURES
                && lastFailureNanos - firstFailureNanos >= FAILING.toNanos()
                && nowNanos - lastFailureNanos < WINDOW.toNanos()) {
            return "the last " + failed + " commits failed, the newest with: " + lastFailure;
        }
        int waiting = underWay.get();
        if (waiting > 0 && nowNanos - decidedNanos >= STUCK.toNanos()) {
            return waiting + " commits wait, and none was decided for " + STUCK.toSeconds() + " s";
        }
        return null;
    }
}
