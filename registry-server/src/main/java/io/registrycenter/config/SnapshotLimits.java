package io.registrycenter.config;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.registrycenter.catalog.Refusal.LimitExceeded;
import io.registrycenter.watch.SnapshotAdmission;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How many snapshots are told at a time, how many are built in a second, and none while the transport holds too much.
 *
 * <p>Those that are shared cost no building; a client that reads slowly holds its place for as long as it reads. Any thread;
 * never waits.
 */
final class SnapshotLimits implements SnapshotAdmission {

    static final String CONCURRENT = "concurrent-snapshots";
    static final String PER_SECOND = "snapshots-per-second";
    static final String BUFFER_BYTES = "buffer-bytes";

    private final int concurrent;
    private final int perSecond;
    private final RandomGenerator random;
    private final RateAdmission rate;
    private final LongSupplier bufferBytes;
    private final long mostBufferBytes;

    /** Null: any number. */
    private final @Nullable Bulkhead bulkhead;

    /**
     * @param concurrent 0: any number
     * @param perSecond 0: any number
     * @param bufferBytes in use for what the sockets have not taken
     * @param mostBufferBytes while more are in use no snapshot is begun
     */
    SnapshotLimits(
            int concurrent, int perSecond, LongSupplier bufferBytes, long mostBufferBytes, RandomGenerator random) {
        this.concurrent = concurrent;
        this.perSecond = perSecond;
        this.random = random;
        this.bufferBytes = bufferBytes;
        this.mostBufferBytes = mostBufferBytes;
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
        long used = bufferBytes.getAsLong();
        if (used > mostBufferBytes) {
            return new LimitExceeded(BUFFER_BYTES, mostBufferBytes, used, RateAdmission.later(random));
        }
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
