package io.registrycenter.client;

import java.time.Duration;

/** How a client fares, as numbers that always say now. For any thread; nothing here blocks. */
public interface ClientStatistics {

    /** Whether that stream is live. One that nobody needs is not. */
    boolean connected(StreamKind stream);

    /** For how long the stalest of all open watches has not been proven current; zero when all are, or none is open. */
    Duration staleness();

    /** How often that stream, or an attempt to make one, ended with that cause and was tried again. */
    long reconnects(StreamKind stream, CloseCause cause);

    /** How often a watch was given a complete state again, for that reason. */
    long resyncs(ResyncReason reason);
}
