package io.registrycenter.config;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.registrycenter.catalog.Refusal.LimitExceeded;
import io.registrycenter.watch.SnapshotAdmission;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How many snapshots are told at a time, and how many are built in a second.
 *
 * <p>Those that are shared cost no building; a client that reads slowly holds its place for as long as it reads. Any thread;
 * never waits.
 */
final class SnapshotLimits implements SnapshotAdmission {

    static final String CONCURRENT = "concurrent-snapshots";
    static final String PER_SECOND = "snapshots-per-second";

    private final int concurrent;
    private final int perSecond;
    private final RandomGenerator random;
    private final RateAdmission rate;

    /** Null: any number. */
    private final @Nullable Bulkhead bulkhead;

    /**
     * @param concurrent 0: any number
     * @param perSecond 0: any number
     */
    SnapshotLimits(int concurrent, int perSecond, RandomGenerator random) {
        this.concurrent = concurrent;
        this.perSecond = perSecond;
        this.random = random;
        this.rate = new RateAdmission(PER_SECOND, perSecond, random);
        this.bulkhead = concurrent == 0
                ? null
                : Bulkhead.of(
                        CONCURRENT,
                        BulkheadConfig.custom()
                                .maxConcurrentCalls(concurrent)
                                .maxWaitDuration(Duration.ZERO)
                                .build());
    }

    @Override
    public @Nullable LimitExceeded begin(boolean built) {
        if (bulkhead != null && !bulkhead.tryAcquirePermission()) {
            return new LimitExceeded(CONCURRENT, concurrent, concurrent + 1L, RateAdmission.later(random));
        }
        Duration wait = built ? rate.get() : Duration.ZERO;
        if (wait.isZero()) {
            return null;
        }
        done();
        return new LimitExceeded(PER_SECOND, perSecond, perSecond + 1L, wait);
    }

    @Override
    public void done() {
        if (bulkhead != null) {
            bulkhead.releasePermission();
        }
    }
}
