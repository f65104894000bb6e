package io.registrycenter.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** One interest that is kept up to date. Safe for use by many threads; nothing here blocks. */
public interface Watch extends AutoCloseable {

    Interest interest();

    /** The last known instances, immutable, sorted by service, then id. Never throws for lack of a connection. */
    List<Instance> instances();

    /** The instances with what is known about their freshness. */
    View view();

    /** For how long nothing has proven the view current; zero when it is not stale. */
    Duration staleFor();

    /**
     * Completes with the cursor of the first complete answer; exceptionally with a {@link RegistryException} when the
     * registry refuses the interest, or the watch is closed before.
     */
    CompletionStage<Cursor> synced();

    /** How often this watch started again with a snapshot because changes did not chain. */
    long resyncs();

    /** Ends the watch. The listener is not called any more, except for a call that already runs. */
    @Override
    void close();
}
