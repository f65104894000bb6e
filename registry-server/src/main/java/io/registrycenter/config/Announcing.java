package io.registrycenter.config;

import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.Store;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Makes this server known to the others before it takes a session, and unknown after it gave the last one away.
 *
 * <p>After {@link Following}, so that nothing that happens to other servers is missed; before {@link Ticks}. Called by Spring's
 * main thread.
 */
final class Announcing implements SmartLifecycle {

    private static final int PHASE = -950;

    private final Store store;
    private final NodeName node;
    private volatile @Nullable Presence presence;

    Announcing(Store store, NodeName node) {
        this.store = store;
        this.node = node;
    }

    @Override
    public void start() {
        presence = store.announce(node.owner(), new NodeRecord("", false));
    }

    /** How others see this server; there once this has started. */
    Presence presence() {
        Presence mine = presence;
        if (mine == null) {
            throw new IllegalStateException("this server is not announced");
        }
        return mine;
    }

    @Override
    public void stop() {
        Presence mine = presence;
        if (mine != null) {
            presence = null;
            mine.close();
        }
    }

    @Override
    public boolean isRunning() {
        return presence != null;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
