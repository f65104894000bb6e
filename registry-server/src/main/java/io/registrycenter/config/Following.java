package io.registrycenter.config;

import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.view.Applier;
import io.registrycenter.view.FollowedStore;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.context.SmartLifecycle;

/**
 * Brings the view up before any port opens: takes the state at the oldest revision that can be read, and follows from there,
 * so that the history in memory reaches as far back as the store does and watchers resume by delta. Later the {@link FollowedStore}
 * sees to it that the view follows.
 *
 * <p>Starts before the servers (their phases are higher) and stops after them. Called by Spring's main thread.
 */
final class Following implements SmartLifecycle {

    private static final int BEFORE_THE_SERVERS = -1_000;

    private final Store store;
    private final View view;
    private final Applier applier;
    private final Hub hub;
    private final FollowedStore followed;
    private final Duration timeout;
    private final long maxBackfill;
    private boolean running;

    /** @param maxBackfill revisions below the head that are read from the past, where the store has them */
    Following(
            Store store,
            View view,
            Applier applier,
            Hub hub,
            FollowedStore followed,
            Duration timeout,
            long maxBackfill) {
        this.store = store;
        this.view = view;
        this.applier = applier;
        this.hub = hub;
        this.followed = followed;
        this.timeout = timeout;
        this.maxBackfill = maxBackfill;
    }

    /** @throws StoreException when the head as seen now is not reached within the timeout */
    @Override
    public void start() {
        long head = store.head();
        long from = load(head);
        hub.begin();
        followed.begin(from);
        running = true;
        try {
            view.reached(head).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "the history was read up to revision " + view.revision() + " of " + head
                            + " within registry.catch-up-timeout (" + Notation.of(timeout) + "); give it more time",
                    e);
        } catch (ExecutionException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the history cannot be followed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "start-up was interrupted", e);
        }
        applier.caughtUp();
    }

    private long load(long head) {
        long from = Math.max(store.floor(), head - maxBackfill);
        try {
            applier.load(store.read(from), from);
            return from;
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.COMPACTED) {
                throw e;
            }
            // Another server has just compacted the history. The head is never compacted away so soon.
            applier.load(store.read(head), head);
            return head;
        }
    }

    @Override
    public void stop() {
        running = false;
        followed.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return BEFORE_THE_SERVERS;
    }
}
