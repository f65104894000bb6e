package io.registrycenter.client.internal.stats;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.client.ClientStatistics;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.ResyncReason;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens to a client. Any thread. */
public final class Counters implements ClientStatistics {

    private static final Logger log = LoggerFactory.getLogger(Counters.class);

    /** Of each stream that is wanted, whether it is live. */
    private final Map<StreamKind, Map<Object, Boolean>> wanted = new ConcurrentHashMap<>();

    private final Map<Ending, LongAdder> reconnects = new ConcurrentHashMap<>();
    private final Map<ResyncReason, LongAdder> resyncs = new ConcurrentHashMap<>();
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

    @GuardedBy("this")
    private final List<Consumer<Ending>> listeners = new ArrayList<>();

    /**
     * Says whether a stream is live.
     *
     * @param link which of the streams of that kind
     */
    public void setConnected(Object link, StreamKind stream, boolean live) {
        wanted.computeIfAbsent(stream, none -> new ConcurrentHashMap<>()).put(link, live);
    }

    /** Nobody needs it any more. */
    public void setResting(Object link, StreamKind stream) {
        wanted.computeIfAbsent(stream, none -> new ConcurrentHashMap<>()).remove(link);
    }

    public void reconnect(Ending ending) {
        if (!reconnects.containsKey(ending)) {
            first(ending);
        }
        count(reconnects, ending);
    }

    private synchronized void first(Ending ending) {
        if (reconnects.putIfAbsent(ending, new LongAdder()) == null) {
            listeners.forEach(listener -> tell(listener, ending));
        }
    }

    @Override
    public synchronized void onNewEnding(Consumer<Ending> listener) {
        listeners.add(listener);
        reconnects.keySet().forEach(known -> tell(listener, known));
    }

    private static void tell(Consumer<Ending> listener, Ending ending) {
        try {
            listener.accept(ending);
        } catch (Throwable fault) {
            // Whatever it throws must not keep a stream from being made again.
            log.error("A listener of the client's statistics failed", fault);
        }
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
        Map<Object, Boolean> links = wanted.get(stream);
        return links != null && !links.isEmpty() && !links.containsValue(false);
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
        return reconnects.entrySet().stream()
                .filter(entry ->
                        entry.getKey().stream() == stream && entry.getKey().cause() == cause)
                .mapToLong(entry -> entry.getValue().sum())
                .sum();
    }

    @Override
    public long reconnects(Ending ending) {
        return sum(reconnects, ending);
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
