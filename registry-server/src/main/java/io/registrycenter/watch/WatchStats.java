package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the hub counts. Any thread. */
public final class WatchStats {

    final LongAdder streams = new LongAdder();
    final LongAdder subscriptions = new LongAdder();
    final LongAdder commitsWritten = new LongAdder();
    final LongAdder coalesced = new LongAdder();
    final LongAdder faults = new LongAdder();
    private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
    private final Map<SnapshotReason, LongAdder> snapshots = new EnumMap<>(SnapshotReason.class);
    private final Map<CloseCause, LongAdder> closes = new EnumMap<>(CloseCause.class);
    private volatile WatchTimings timings = WatchTimings.NONE;

    WatchStats() {
        for (SnapshotReason reason : SnapshotReason.values()) {
            snapshots.put(reason, new LongAdder());
        }
        for (CloseCause cause : CloseCause.values()) {
            closes.put(cause, new LongAdder());
        }
    }

    void snapshot(SnapshotReason reason) {
        count(snapshots, reason).increment();
    }

    void closed(CloseCause cause) {
        count(closes, cause).increment();
    }

    /** A subscription was refused by a limit. */
    void refused(String limit) {
        refused.computeIfAbsent(limit, l -> new LongAdder()).increment();
    }

    WatchTimings timings() {
        return timings;
    }

    /** Who is told from now on how long things take. */
    public void timings(WatchTimings told) {
        timings = told;
    }

    private static <K extends Enum<K>> LongAdder count(Map<K, LongAdder> counts, K key) {
        LongAdder found = counts.get(key);
        if (found == null) {
            throw new IllegalStateException("not counted: " + key);
        }
        return found;
    }

    /** Streams that are open now. */
    public long streams() {
        return streams.sum();
    }

    /** Subscriptions on them. */
    public long subscriptions() {
        return subscriptions.sum();
    }

    /** Commits written to watchers, all together. */
    public long commitsWritten() {
        return commitsWritten.sum();
    }

    /** Coalesced deltas written. */
    public long coalesced() {
        return coalesced.sum();
    }

    /** Subscriptions refused or ended by a limit, by its name. */
    public long refusedBy(String limit) {
        LongAdder count = refused.get(limit);
        return count == null ? 0 : count.sum();
    }

    /** Snapshots begun, by reason. */
    public long snapshots(SnapshotReason reason) {
        return count(snapshots, reason).sum();
    }

    /** Streams ended, by cause. */
    public long closes(CloseCause cause) {
        return count(closes, cause).sum();
    }
}
