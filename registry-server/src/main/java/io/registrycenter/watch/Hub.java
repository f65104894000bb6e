package io.registrycenter.watch;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Interest;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.CommitListener;
import io.registrycenter.view.Lineage;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fan-out of commits to watch streams.
 *
 * <p>The applier publishes a commit into the rings it concerns, and when the commits at hand are all published it wakes the
 * lanes that watch them: O(1), whatever the number of watchers. Each lane then lets its streams write what their cursors lack, in
 * one message for the whole batch, while their transports take it. Nothing is queued for a watcher; one that falls behind reads
 * more at once, then net changes, then a snapshot.
 */
public final class Hub implements CommitListener {

    /** How often scopes that nobody needs are looked for, and how far streams are behind. */
    private static final long SWEEP_NANOS = 5_000_000_000L;

    /** A long batch is told in parts of so many commits. */
    private static final int MOST_UNTOLD = 128;

    private static final long SNAPSHOT_RETRY_MS = 1_000;

    /** The limit that is hit when the snapshots that are being read take all the memory that snapshots may. */
    public static final String SNAPSHOT_BYTES = "snapshot-bytes";

    private static final Pattern STREAM_ID = Pattern.compile("[0-9a-f]{16}");

    private final View view;
    private final Encoding encoding;
    private final WatchSettings settings;
    private final HeadProof headProof;
    private final SnapshotAdmission snapshotAdmission;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final History history;
    private final WatchStats stats = new WatchStats();
    private final ConcurrentHashMap<EventLoop, Lane> lanes = new ConcurrentHashMap<>();
    private final AtomicInteger nextLane = new AtomicInteger();
    private final Set<WatchStream> open = ConcurrentHashMap.newKeySet();

    /** Confined to the ticking thread. */
    private long lastSweepNanos;

    /** Every commit up to this revision is in the rings. */
    private volatile long published;

    /** Scopes whose lanes are not woken yet for what the batch under way brought them. Applier thread, as the next two. */
    private final Set<Scope> untold = new LinkedHashSet<>();

    private int untoldCommits;

    /** When the first commit of the batch was published. */
    private long untoldSinceNanos;

    /** With snapshots built whenever they are needed. */
    public Hub(
            View view,
            Encoding encoding,
            WatchSettings settings,
            HeadProof headProof,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this(view, encoding, settings, headProof, SnapshotAdmission.ALWAYS, nanoTime, random);
    }

    /**
     * @param nanoTime monotonic clock of everything here
     * @param random for jitter and stream ids
     */
    public Hub(
            View view,
            Encoding encoding,
            WatchSettings settings,
            HeadProof headProof,
            SnapshotAdmission snapshotAdmission,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.view = view;
        this.encoding = encoding;
        this.settings = settings;
        this.headProof = headProof;
        this.snapshotAdmission = snapshotAdmission;
        this.nanoTime = nanoTime;
        this.random = random;
        this.history = new History(view, encoding, settings, nanoTime);
        this.lastSweepNanos = nanoTime.getAsLong();
    }

    /** The view is loaded and the following begins: what comes from now on is history. Once, before the first commit. */
    public void begin() {
        published = view.revision();
        history.begin(published);
    }

    @Override
    public void applied(AppliedCommit commit) {
        if (commit.instances().isEmpty()) {
            published = commit.revision();
            return;
        }
        if (untold.isEmpty()) {
            untoldSinceNanos = now();
        }
        untold.addAll(history.publish(commit));
        published = commit.revision();
        untoldCommits++;
        if (untoldCommits >= MOST_UNTOLD) {
            batchComplete();
        }
    }

    /** What led to the new state is no history: every subscription starts again from a snapshot that says so. */
    @Override
    public void replaced(AppliedCommit difference) {
        batchComplete();
        List<Scope> scopes = history.restart(difference.revision());
        // After the rings: who reads this revision finds that the history begins there.
        published = difference.revision();
        long now = now();
        scopes.forEach(scope -> scope.wake(now));
    }

    @Override
    public void batchComplete() {
        try {
            untold.forEach(scope -> scope.wake(untoldSinceNanos));
        } finally {
            untold.clear();
            untoldCommits = 0;
        }
    }

    /** A client opened a watch stream. On {@link Outlet#loop()}, as everything of the stream. */
    public WatchStream open(Outlet outlet) {
        Lane lane = lanes.computeIfAbsent(outlet.loop(), this::newLane);
        WatchStream stream =
                new WatchStream(this, lane, outlet, random.nextLong(), new StreamClock(settings, random, now()));
        lane.add(stream);
        open.add(stream);
        stats.streams.increment();
        return stream;
    }

    private Lane newLane(EventLoop loop) {
        return new Lane(loop, nextLane.getAndIncrement(), stats, nanoTime);
    }

    /** Moves every clock: one thread calls it every 100..500 ms. */
    public void tick() {
        long now = now();
        lanes.values().forEach(lane -> lane.execute(() -> lane.tick(now)));
        history.trim(now);
        if (now - lastSweepNanos >= SWEEP_NANOS) {
            lastSweepNanos = now;
            history.sweep(now);
            lanes.values().forEach(lane -> lane.execute(lane::survey));
        }
    }

    /**
     * Ends the streams that have stalled for longest, some on each event loop, and resets them, so that the transport gives back
     * what it holds for them. Any thread.
     */
    public void endMostStalled() {
        lanes.values().forEach(lane -> lane.execute(lane::endMostStalled));
    }

    /** The streams that are open; read their fields on their executor. */
    public Set<WatchStream> streams() {
        return Set.copyOf(open);
    }

    /** The stream of this id; null: it is not open. */
    public @Nullable WatchStream find(String streamId) {
        if (!STREAM_ID.matcher(streamId).matches()) {
            return null;
        }
        long number = HexFormat.fromHexDigitsToLong(streamId);
        for (WatchStream stream : open) {
            if (stream.number() == number) {
                return stream;
            }
        }
        return null;
    }

    /**
     * The figures of open streams, taken on the lanes.
     *
     * @param limit at most so many of each lane
     * @return completes on a lane's executor; does not complete when that is shut down
     */
    public CompletableFuture<List<StreamFigures>> list(StreamFilter filter, int limit) {
        List<CompletableFuture<List<StreamFigures>>> parts = lanes.values().stream()
                .map(lane -> StreamListing.of(lane, filter, limit))
                .toList();
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(done ->
                        parts.stream().flatMap(part -> part.join().stream()).toList());
    }

    /** How far streams are behind, as of a few seconds ago. */
    public Lag lag() {
        return lanes.values().stream().map(Lane::lag).reduce(Lag.NONE, Lag::plus);
    }

    public WatchStats stats() {
        return stats;
    }

    /** Bytes of the heap that the history holds, objects included. */
    public long historyBytes() {
        return history.cost();
    }

    /** Bytes that label interests remember of commits they have encoded. */
    public long rememberedBytes() {
        return history.remembered().bytes();
    }

    /** From now on history and snapshots take no more than this; what is over it goes at once. Any thread. */
    public void allowHistory(long bytes) {
        history.allow(bytes);
    }

    /** Bytes of the snapshots in memory, whether cached or being read. */
    public long snapshotBytes() {
        return history.shelf().bytes();
    }

    /** Snapshots dropped under pressure: their readers started again with the newest. */
    public long snapshotsDropped() {
        return history.shelf().dropped();
    }

    /** Entries the history holds; a commit is one in each scope it concerns. */
    public int historyEntries() {
        return history.entries();
    }

    // --- for its streams ---------------------------------------------------------------------------------------------

    Subscription attach(WatchStream stream, Lane lane, long id, Interest interest, boolean coalesce) {
        while (true) {
            Scope scope = history.scope(interest.namespace(), interest.service());
            LaneMembers members = scope.attach(lane);
            if (members == null) {
                // Let go between look-up and attach; the next look-up makes a new one.
                history.forget(scope);
                continue;
            }
            Subscription subscription = interest.filtered()
                    ? new LabelSubscription(
                            stream,
                            id,
                            coalesce,
                            scope,
                            members,
                            scope.labelView(interest, history.snapshotCache(interest), encoding, history.remembered()))
                    : new WholeSubscription(stream, id, coalesce, scope, members);
            members.add(subscription);
            return subscription;
        }
    }

    void closed(WatchStream stream) {
        open.remove(stream);
    }

    long published() {
        return published;
    }

    String epoch() {
        return view.epoch();
    }

    Cursor cursor(long revision) {
        return view.cursor(revision);
    }

    long mark(long revision) {
        return view.mark(revision);
    }

    /** How a cursor stands to the history here; one of this epoch at most at {@link #published}. */
    Lineage lineage(Cursor cursor) {
        return view.lineage(cursor);
    }

    WatchSettings settings() {
        return settings;
    }

    HeadProof headProof() {
        return headProof;
    }

    SnapshotAdmission snapshotAdmission() {
        return snapshotAdmission;
    }

    /** When one that found no room for a snapshot comes back: soon, and not with all the others. */
    Duration snapshotRetry() {
        return Duration.ofMillis(random.nextLong(SNAPSHOT_RETRY_MS, 3 * SNAPSHOT_RETRY_MS));
    }

    Encoding encoding() {
        return encoding;
    }

    long now() {
        return nanoTime.getAsLong();
    }
}
