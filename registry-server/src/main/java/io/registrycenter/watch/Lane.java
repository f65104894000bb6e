package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.memory.OutOfMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The streams that one event loop serves: one wake-up serves all of them.
 *
 * <p>{@link #enqueue} from any thread; everything else runs on the loop, one thing at a time. The queue holds each scope
 * at most once, so it is bounded by the scopes that are watched here.
 */
final class Lane implements Runnable {

    /** Members served before others (requests, heartbeats, acknowledgements) get their turn on the loop. */
    private static final int SLICE = 256;

    /** Written in one turn: what is written stands in memory until the turn is over, and only then leaves. */
    private static final long SLICE_BYTES = 2 << 20;

    /** A stream may stall for this long whatever the memory that it holds. */
    private static final long STALL_NANOS = 1_000_000_000L;

    /** Ended at a time: this is done again until there is room. */
    private static final int MOST_ENDED = 16;

    /**
     * @param publishedNanos when the commit that made it dirty was published
     * @param mark of the round it came in
     */
    private record Dirty(Scope scope, LaneMembers members, long publishedNanos, int mark) {}

    private final EventLoop loop;
    private final int index;
    private final WatchStats stats;
    private final LongSupplier nanoTime;
    private final ConcurrentLinkedQueue<Dirty> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Rounds rounds;
    private final List<WatchStream> streams = new ArrayList<>();

    private @Nullable Dirty current;
    private int position;

    /** Since the turn began. */
    private long writtenBytes;

    private long departures;

    /** As of the last survey; read by any thread. */
    private volatile Lag lag = Lag.NONE;

    Lane(EventLoop loop, int index, WatchStats stats, LongSupplier nanoTime) {
        this.loop = loop;
        this.index = index;
        this.stats = stats;
        this.nanoTime = nanoTime;
        this.rounds = new Rounds(nanoTime.getAsLong());
    }

    int index() {
        return index;
    }

    void enqueue(Scope scope, LaneMembers members, long publishedNanos) {
        queue.add(new Dirty(scope, members, publishedNanos, rounds.now()));
        schedule();
    }

    private void schedule() {
        if (!scheduled.compareAndSet(false, true)) {
            return;
        }
        boolean taken = false;
        try {
            execute(this);
            taken = true;
        } finally {
            if (!taken) {
                // Else nobody would try again.
                scheduled.set(false);
            }
        }
    }

    /** Runs on this lane; when its loop is shut down its streams are ending anyway, and nothing runs any more. */
    void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException shutDown) {
            queue.clear();
        }
    }

    private void rest(long nanos) {
        boolean taken = false;
        try {
            loop.executeLater(this, nanos);
            taken = true;
        } catch (RejectedExecutionException shutDown) {
            queue.clear();
            taken = true;
        } finally {
            if (!taken) {
                scheduled.set(false);
                schedule();
            }
        }
    }

    @Override
    public void run() {
        try {
            serve();
        } catch (OutOfMemoryError none) {
            OutOfMemory.endIfCause(none);
        }
    }

    private void serve() {
        long rest = rounds.rest(nanoTime.getAsLong());
        if (rest > 0) {
            // It stays scheduled, so that nobody wakes it before.
            rest(rest);
            return;
        }
        scheduled.set(false);
        boolean over = false;
        try {
            over = slice();
        } finally {
            // Also after a fault: the walk goes on behind the member that had it.
            if (!over) {
                schedule();
            }
        }
    }

    /** Whether the round is over. */
    private boolean slice() {
        writtenBytes = 0;
        int left = SLICE;
        while (left > 0) {
            Dirty dirty = current == null ? begin() : current;
            if (dirty == null) {
                return true;
            }
            left = serve(dirty, left);
        }
        return false;
    }

    /** The next of the round, or null when it is over; then the lane is scheduled for what came meanwhile. */
    private @Nullable Dirty begin() {
        Dirty next = queue.peek();
        long now = nanoTime.getAsLong();
        if (next == null) {
            rounds.end(now);
            return null;
        }
        rounds.begin(now);
        if (!rounds.has(next.mark())) {
            rounds.end(now);
            schedule();
            return null;
        }
        queue.remove();
        next.members().clearDirty();
        current = next;
        position = 0;
        departures = next.members().departures();
        return next;
    }

    private int serve(Dirty dirty, int slice) {
        LaneMembers members = dirty.members();
        int left = slice;
        while (left > 0) {
            if (departures != members.departures()) {
                departures = members.departures();
                position = 0;
            }
            if (position >= members.size()) {
                current = null;
                stats.timings().propagated(nanoTime.getAsLong() - dirty.publishedNanos());
                return left;
            }
            members.get(position++).wake();
            left = writtenBytes < SLICE_BYTES ? left - 1 : 0;
        }
        return left;
    }

    /** One of its streams has written so much. */
    void wrote(int bytes) {
        writtenBytes += bytes;
    }

    /** Ends those that have stalled for longest, and resets them. */
    void endMostStalled() {
        streams.stream()
                .filter(stream -> stream.clock().stalledNanos() >= STALL_NANOS)
                .sorted(Comparator.comparingLong(
                                (WatchStream stream) -> stream.clock().stalledNanos())
                        .reversed())
                .limit(MOST_ENDED)
                .toList()
                .forEach(stream -> stream.force(
                        CloseCause.SLOW_CONSUMER,
                        "data waited, the client took none, and the server needs the memory",
                        Duration.ofSeconds(5)));
    }

    void add(WatchStream stream) {
        stream.laneIndex = streams.size();
        streams.add(stream);
    }

    void remove(WatchStream stream) {
        int last = streams.size() - 1;
        WatchStream moved = streams.get(last);
        streams.set(stream.laneIndex, moved);
        moved.laneIndex = stream.laneIndex;
        streams.remove(last);
    }

    /** Moves the clocks of every stream here. */
    void tick(long nowNanos) {
        for (int i = streams.size() - 1; i >= 0; i--) {
            // A stream that ends removes itself and moves the last one, which was ticked already, to its place.
            WatchStream stream = streams.get(i);
            try {
                stream.tick(nowNanos);
            } catch (RuntimeException | Error fault) {
                // The clocks of the others go on.
                stream.failed(fault);
            }
        }
    }

    /** Looks how far the streams here are behind. */
    void survey() {
        lag = Lag.of(streams);
    }

    /** What the last survey found. Any thread. */
    Lag lag() {
        return lag;
    }

    /** The streams here, copied. */
    List<WatchStream> streams() {
        return List.copyOf(streams);
    }
}
