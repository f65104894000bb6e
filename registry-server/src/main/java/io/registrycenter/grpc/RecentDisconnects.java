package io.registrycenter.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The last ends of streams and connections, with their evidence, and how many there were by cause.
 *
 * <p>Bounded in count and bytes: the oldest go. What a client tells later about the same end is added to the entry, where it may
 * change the cause, and never changes a count. Any thread; the monitor is held for a few instructions, or for one copy when an operator asks.
 */
public final class RecentDisconnects {

    /** Ends remembered. */
    static final int MAX_ENDS = 1_000;

    /** About what they may take in memory. */
    static final long MAX_BYTES = 1L << 20;

    /** Objects of one entry, beyond its texts. */
    private static final int OVERHEAD_BYTES = 512;

    private static final int BYTES_A_CHARACTER = 2;

    private final LongSupplier nanoTime;

    /** Oldest first. */
    @GuardedBy("this")
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();

    /** Those that have an id. */
    @GuardedBy("this")
    private final Map<String, Entry> byId = new HashMap<>();

    @GuardedBy("this")
    private final Map<CloseCause, Long> counts = new EnumMap<>(CloseCause.class);

    @GuardedBy("this")
    private long bytes;

    /** Guarded by the monitor of its owner. */
    private static final class Entry {
        Disconnect end;
        final CloseCause counted;
        final long atNanos;
        Disconnect.@Nullable ClientView clientView;

        Entry(Disconnect end, long atNanos) {
            this.end = end;
            this.counted = end.cause();
            this.atNanos = atNanos;
        }

        long bytes() {
            Disconnect.Standing standing = end.standing();
            int characters = end.id().length()
                    + end.peer().length()
                    + end.evidence().transport().length()
                    + standing.said().length()
                    + standing.client().name().length()
                    + standing.client().version().length()
                    + standing.client().instance().length()
                    + (clientView == null ? 0 : clientView.detail().length());
            return OVERHEAD_BYTES + (long) BYTES_A_CHARACTER * characters;
        }
    }

    /** @param nanoTime the monotonic clock */
    public RecentDisconnects(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    synchronized void add(Disconnect end) {
        Entry entry = new Entry(end, nanoTime.getAsLong());
        counts.merge(end.cause(), 1L, Long::sum);
        entries.addLast(entry);
        bytes += entry.bytes();
        if (!end.id().isEmpty()) {
            byId.put(end.id(), entry);
        }
        trim();
    }

    /**
     * A client tells on its next stream what it saw of this one's end. An end that is not remembered stays so.
     *
     * @return the end, when its cause is another one now; null: nothing is new
     */
    synchronized @Nullable Disconnect reported(String streamId, Disconnect.ClientView view) {
        Entry entry = byId.get(streamId);
        if (entry == null || entry.clientView != null) {
            return null;
        }
        Disconnect amended = entry.end.seen(view);
        bytes -= entry.bytes();
        entry.clientView = view;
        entry.end = amended;
        bytes += entry.bytes();
        trim();
        return amended.cause() == entry.counted ? null : amended;
    }

    /** The end of this stream; null: it is not remembered. */
    synchronized @Nullable Disconnect find(String streamId) {
        Entry entry = byId.get(streamId);
        return entry == null ? null : entry.end;
    }

    @GuardedBy("this")
    private void trim() {
        while (entries.size() > MAX_ENDS || bytes > MAX_BYTES) {
            Entry oldest = entries.removeFirst();
            bytes -= oldest.bytes();
            byId.remove(oldest.end.id(), oldest);
        }
    }

    /** The newest ends that are wanted, newest first, at most so many. */
    public synchronized List<Disconnect.Remembered> newest(int limit, Predicate<Disconnect> wanted) {
        long now = nanoTime.getAsLong();
        List<Disconnect.Remembered> found = new ArrayList<>();
        Iterator<Entry> newestFirst = entries.descendingIterator();
        while (newestFirst.hasNext() && found.size() < limit) {
            Entry entry = newestFirst.next();
            if (wanted.test(entry.end)) {
                found.add(new Disconnect.Remembered(
                        entry.end, entry.counted, Duration.ofNanos(now - entry.atNanos), entry.clientView));
            }
        }
        return found;
    }

    /** Ends since the start, by cause; causes that never came are not there. */
    public synchronized Map<CloseCause, Long> counts() {
        return new EnumMap<>(counts);
    }

    synchronized int size() {
        return entries.size();
    }

    synchronized long bytes() {
        return bytes;
    }
}
