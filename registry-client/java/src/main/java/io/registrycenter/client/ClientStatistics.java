package io.registrycenter.client;

import java.time.Duration;
import java.util.function.Consumer;

/** How a client fares, as numbers that always say now. For any thread; nothing here blocks. */
public interface ClientStatistics {

    /** Whether that stream is live; of several watch streams, all of them. One that nobody needs is not. */
    boolean connected(StreamKind stream);

    /** For how long the stalest of all open watches has not been proven current; zero when all are, or none is open. */
    Duration staleness();

    /** How often that stream, or an attempt to make one, ended with that cause and was tried again. */
    long reconnects(StreamKind stream, CloseCause cause);

    /** How often exactly that happened, and the stream was tried again. */
    long reconnects(Ending ending);

    /**
     * Tells of every ending that was counted so far, now, and of every other one before it is counted for the first time.
     *
     * @param listener called by the client's own threads; must not block. What it throws is logged
     */
    void onNewEnding(Consumer<Ending> listener);

    /**
     * What ends are told apart by.
     *
     * @param phase {@code LIVE}: a stream was lost; else an attempt failed
     * @param expected see {@link DisconnectReport#expected}
     */
    record Ending(StreamKind stream, CloseCause cause, DisconnectReport.Phase phase, boolean expected) {}

    /** How often a watch was given a complete state again, for that reason. */
    long resyncs(ResyncReason reason);
}
