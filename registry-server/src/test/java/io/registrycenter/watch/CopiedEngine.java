package io.registrycenter.watch;

import io.registrycenter.store.Store;

/** A store whose data is copied while it runs, and put back later, under the epoch it had. */
interface CopiedEngine extends AutoCloseable {

    /** The store of the process that runs now. */
    Store store();

    /** Takes a copy, as of a volume; it gets the next number, from 0. */
    void copy();

    /** The process dies, a copy takes the place of the data, and another process opens it. Nobody follows at this moment. */
    void putBack(int copy);

    /** The process dies and another one opens what it left. Nobody follows at this moment. */
    void restart();

    @Override
    void close();
}
