package io.registrycenter.watch;

import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Store;

/** The fake, with its switches. */
final class InMemoryEngine implements WatchEngine {

    private final InMemoryStore store = new InMemoryStore();

    @Override
    public Store store() {
        return store;
    }

    @Override
    public void restart() {
        // What the fake holds survives its processes.
    }

    @Override
    public void pauseDelivery() {
        store.pauseDelivery();
    }

    @Override
    public void resumeDelivery() {
        store.resumeDelivery();
    }

    @Override
    public void close() {
        store.close();
    }
}
