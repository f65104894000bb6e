package io.registrycenter.watch;

import io.registrycenter.store.Store;
import io.registrycenter.store.etcd.EtcdProcess;
import io.registrycenter.store.etcd.EtcdSettings;
import io.registrycenter.store.etcd.EtcdStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Snapshots of an etcd of its own, restored without moving its revisions and without a new epoch. */
final class EtcdCopies implements CopiedEngine {

    private final EtcdProcess etcd = EtcdProcess.alone("http");
    private final EtcdSettings settings = EtcdSettings.plain(List.of(etcd.endpoint()), "/put-back/");
    private final List<Path> copies = new ArrayList<>();
    private Store store = EtcdStore.open(settings);

    @Override
    public Store store() {
        return store;
    }

    @Override
    public void copy() {
        copies.add(etcd.backup());
    }

    @Override
    public void putBack(int copy) {
        store.close();
        etcd.kill();
        etcd.restore(copies.get(copy));
        etcd.start();
        etcd.awaitListening();
        store = EtcdStore.open(settings);
    }

    @Override
    public void restart() {
        store.close();
        store = EtcdStore.open(settings);
    }

    @Override
    public void close() {
        store.close();
        etcd.close();
    }
}
