package io.registrycenter.watch;

import io.registrycenter.store.Store;

/** The store under a simulated watch world, with what can be done to it from outside. */
interface WatchEngine extends AutoCloseable {

    /** The store of the process that runs now. */
    Store store();

    /** The process dies and another one opens what it left. Nobody follows at this moment. */
    void restart();

    /** Commits are not delivered until {@link #resumeDelivery}; an engine without that switch ignores it. */
    void pauseDelivery();

    void resumeDelivery();

    @Override
    void close();
}
