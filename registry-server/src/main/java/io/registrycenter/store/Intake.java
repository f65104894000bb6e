package io.registrycenter.store;

/**
 * A history that is begun with the records of another one, while no server runs on it.
 *
 * <pre>
 * begun --records are committed to {@link #store}--> {@link #finish} --> a server may start on it
 *   `---- closed, or the process dies ----> what was there before stands, or no server starts on it until it is begun again
 * </pre>
 *
 * Confined to one thread; blocks.
 */
public interface Intake extends AutoCloseable {

    /** Where the records go; empty at first, and of a new epoch. */
    Store store();

    /**
     * What was committed is the history from now on.
     *
     * @throws StoreException when that could not be made durable
     */
    void finish();

    /** Also when it was not finished. */
    @Override
    void close();
}
