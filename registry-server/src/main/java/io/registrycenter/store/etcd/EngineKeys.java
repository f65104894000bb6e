package io.registrycenter.store.etcd;

import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.Event;

/** Told of what happens to the keys that the engine itself lives by; on a {@code store-follow} thread. */
interface EngineKeys {

    /** Something was delivered. */
    void heard();

    /** A key that is no record. */
    void changed(Event event);

    /** A member that was asked anew is behind what was delivered before: it may have missed something, or all of etcd may have. */
    void behind();

    /** What was delivered is not what etcd has: another history. */
    void replaced(StoreException reason);

    /** A server came, changed or went. */
    void nodeChanged(String owner, Event event);
}
