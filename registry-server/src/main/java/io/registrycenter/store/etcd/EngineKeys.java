package io.registrycenter.store.etcd;

import io.registrycenter.store.etcd.wire.Event;

/** Told of what happens to the keys that the engine itself lives by; on a {@code store-follow} thread. */
interface EngineKeys {

    /** Something was delivered. */
    void heard();

    /** A key that is no record. */
    void changed(Event event);

    /** A server came, changed or went. */
    void nodeChanged(String owner, Event event);
}
