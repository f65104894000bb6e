package io.registrycenter.watch;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreState;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * One simulated server: what boots, follows the store and serves watchers. A lagging one applies commits when the test says
 * so; the other applies them on the store's own thread.
 */
final class WatchServer implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 20;

    /** Small enough that every rung of the ladder is met within some hundred steps. */
    static final WatchSettings SETTINGS = new WatchSettings(
            Duration.ofSeconds(4),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ZERO,
            Duration.ofHours(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            10,
            6,
            4 << 10,
            3,
            200,
            500,
            24,
            4 << 10,
            24 << 10,
            Duration.ofMinutes(10));

    private final View view;
    private final Hub hub;
    private final Applier applier;
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    private final boolean lagging;
    private Store.Following following;

    /** Boots as a server does: the state at the oldest revision, and the history from there. Returns when it has caught up. */
    WatchServer(Store store, WordsEncoding encoding, boolean lagging, LongSupplier nanoTime, RandomGenerator random) {
        view = new View(store.epoch());
        hub = new Hub(
                view, encoding, SETTINGS, () -> CompletableFuture.completedFuture(store.head()), nanoTime, random);
        applier = new Applier(view, List.of(hub), lost -> {});
        long floor = store.floor();
        applier.load(store.read(floor), floor);
        hub.begin();
        this.lagging = lagging;
        following = follow(store, floor);
        if (!lagging) {
            await(store.head());
        }
        applier.caughtUp();
    }

    private Store.Following follow(Store store, long after) {
        return store.follow(after, lagging ? new Holding() : applier);
    }

    /** What it has not applied yet is compacted away: it takes the newest state instead, and follows from there. */
    long readAnew(Store store) {
        following.close();
        held.clear();
        applier.batchComplete();
        store.compact(store.head()).join();
        StoreState newest = store.readNewest();
        applier.replace(newest);
        following = follow(store, newest.revision());
        return newest.revision();
    }

    Hub hub() {
        return hub;
    }

    /** What it has applied. */
    Cursor cursor() {
        return view.cursor();
    }

    /** Applies what a lagging server holds back, at most so many commits and ends of batches. */
    void apply(int most) {
        for (int i = 0; i < most; i++) {
            Runnable next = held.poll();
            if (next == null) {
                return;
            }
            next.run();
        }
    }

    /** Waits until a revision is applied by the store's thread. */
    void await(long revision) {
        try {
            view.reached(revision).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the server stands at " + view.revision() + " of " + revision, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        following.close();
    }

    /** Keeps what comes until {@link #apply}. */
    private final class Holding implements Follower {
        @Override
        public void commit(Commit commit) {
            held.add(() -> applier.commit(commit));
        }

        @Override
        public void batchComplete() {
            held.add(applier::batchComplete);
        }

        @Override
        public void passed(long revision) {
            held.add(() -> applier.passed(revision));
        }

        @Override
        public void compacted(long floor) {
            throw new IllegalStateException("compacted to " + floor + " under a follower");
        }

        @Override
        public void lost(Throwable cause) {
            // The store was closed for a restart; this server is about to be replaced.
        }
    }
}
