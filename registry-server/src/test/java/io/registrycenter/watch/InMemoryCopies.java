package io.registrycenter.watch;

import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Copies of the fake. */
final class InMemoryCopies implements CopiedEngine {

    private final List<InMemoryStore> copies = new ArrayList<>();
    private InMemoryStore store = new InMemoryStore();

    @Override
    public Store store() {
        return store;
    }

    @Override
    public void copy() {
        copies.add(store.copy());
    }

    @Override
    public void putBack(int copy) {
        store.close();
        store = copies.get(copy).copy();
    }

    @Override
    public void restart() {
        // What the fake holds survives its processes.
    }

    @Override
    public void close() {
        store.close();
    }
}
