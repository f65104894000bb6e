package io.registrycenter.config;

import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Brings the view up before any port opens: takes the state at the oldest revision that can be read, and follows from there,
 * so that the history in memory reaches as far back as the store does and watchers resume by delta.
 *
 * <p>Starts before the servers (their phases are higher) and stops after them. Called by Spring's main thread.
 */
final class Following implements SmartLifecycle {

    private static final int BEFORE_THE_SERVERS = -1_000;

    private final Store store;
    private final View view;
    private final Applier applier;
    private final Hub hub;
    private final Duration timeout;
    private Store.@Nullable Following following;

    Following(Store store, View view, Applier applier, Hub hub, Duration timeout) {
        this.store = store;
        this.view = view;
        this.applier = applier;
        this.hub = hub;
        this.timeout = timeout;
    }

    /** @throws StoreException when the head as seen now is not reached within the timeout */
    @Override
    public void start() {
        long floor = store.floor();
        long head = store.head();
        applier.load(store.read(floor), floor);
        hub.begin();
        following = store.follow(floor, applier);
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

    @Override
    public void stop() {
        if (following != null) {
            following.close();
            following = null;
        }
    }

    @Override
    public boolean isRunning() {
        return following != null;
    }

    @Override
    public int getPhase() {
        return BEFORE_THE_SERVERS;
    }
}
