package io.registrycenter.grpc;

import io.registrycenter.catalog.CloseCause;

/** Told what the transport counts. Called on event loops; must not block. */
public interface TransportCounts {

    /** A connection is gone. */
    void connectionClosed(CloseCause cause);

    /** An attach stream is gone. */
    void attachClosed(CloseCause cause);

    /**
     * Somebody was refused by a limit.
     *
     * @param limit its name as in {@code ErrorInfo}, one of a few constants
     */
    void limitHit(String limit);
}
