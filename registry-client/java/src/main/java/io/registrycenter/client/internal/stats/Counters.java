package io.registrycenter.client.internal.stats;

import io.registrycenter.client.ClientStatistics;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.ResyncReason;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens to a client. Any thread. */
public final class Counters implements ClientStatistics {

    private record Ended(StreamKind stream, CloseCause cause) {}

    private final Set<StreamKind> connected = ConcurrentHashMap.newKeySet();
    private final Map<Ended, LongAdder> reconnects = new ConcurrentHashMap<>();
    private final Map<ResyncReason, LongAdder> resyncs = new ConcurrentHashMap<>();
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

    public void setConnected(StreamKind stream, boolean live) {
        if (live) {
            connected.add(stream);
        } else {
            connected.remove(stream);
        }
    }

    public void reconnect(StreamKind stream, CloseCause cause) {
        count(reconnects, new Ended(stream, cause));
    }

    public void gap() {
        count(resyncs, ResyncReason.GAP);
    }

    /** A complete state was applied; a first one, and the one after a gap, which is counted already, are none. */
    public void snapshot(SnapshotReason reason) {
        switch (reason) {
            case COMPACTED -> count(resyncs, ResyncReason.COMPACTED);
            case LAGGED -> count(resyncs, ResyncReason.LAGGED);
            case EPOCH_CHANGED -> count(resyncs, ResyncReason.EPOCH_CHANGED);
            case REVISION_AHEAD -> count(resyncs, ResyncReason.REVISION_AHEAD);
            case INITIAL, CACHED -> {
                // Nothing was lost.
            }
        }
    }

    public void opened(Watch watch) {
        watches.add(watch);
    }

    public void closed(Watch watch) {
        watches.remove(watch);
    }

    @Override
    public boolean connected(StreamKind stream) {
        return connected.contains(stream);
    }

    @Override
    public Duration staleness() {
        Duration stalest = Duration.ZERO;
        for (Watch watch : watches) {
            Duration age = watch.staleFor();
            stalest = age.compareTo(stalest) > 0 ? age : stalest;
        }
        return stalest;
    }

    @Override
    public long reconnects(StreamKind stream, CloseCause cause) {
        return sum(reconnects, new Ended(stream, cause));
    }

    @Override
    public long resyncs(ResyncReason reason) {
        return sum(resyncs, reason);
    }

    private static <K> void count(Map<K, LongAdder> counts, K what) {
        counts.computeIfAbsent(what, none -> new LongAdder()).increment();
    }

    private static <K> long sum(Map<K, LongAdder> counts, K what) {
        LongAdder count = counts.get(what);
        return count == null ? 0 : count.sum();
    }
}
