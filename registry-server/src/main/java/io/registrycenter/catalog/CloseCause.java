package io.registrycenter.catalog;

/**
 * Why a stream ended: one list for watch and session streams, mirrored in the wire contract.
 *
 * <p>Each cause says who ended it, whether operators should care, and what a client should do next.
 */
public enum CloseCause {
    DRAINING(Origin.SERVER, true, Advice.RESUME_AFTER_BACKOFF),
    MAX_AGE(Origin.SERVER, true, Advice.RESUME_NOW),
    CLIENT_COMPLETED(Origin.CLIENT, true, Advice.STOP),
    CLIENT_CANCELLED(Origin.CLIENT, true, Advice.STOP),
    PROBE_CONNECT(Origin.CLIENT, true, Advice.STOP),

    SLOW_CONSUMER(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    HEARTBEAT_TIMEOUT(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    IDLE_TIMEOUT(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    READ_TIMEOUT(Origin.CLIENT, false, Advice.RESUME_NOW),
    LIMIT_EXCEEDED(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    TOO_MANY_PINGS(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    INVALID_REQUEST(Origin.SERVER, false, Advice.STOP),
    FENCED(Origin.SERVER, false, Advice.STOP),
    SESSION_EXPIRED(Origin.SERVER, false, Advice.RESYNC),
    SERVER_BEHIND(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    KICKED(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    DENIED(Origin.SERVER, false, Advice.STOP),
    DRAIN_FORCED(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    SERVER_FAULT(Origin.SERVER, false, Advice.RESUME_AFTER_BACKOFF),
    CLIENT_FAULT(Origin.CLIENT, false, Advice.RESUME_AFTER_BACKOFF),

    CONNECT_REFUSED(Origin.NETWORK, false, Advice.RESUME_AFTER_BACKOFF),
    CONNECT_TIMEOUT(Origin.NETWORK, false, Advice.RESUME_AFTER_BACKOFF),
    PEER_RESET(Origin.PEER, false, Advice.RESUME_AFTER_BACKOFF),
    PEER_EOF(Origin.PEER, false, Advice.RESUME_AFTER_BACKOFF),
    CLIENT_DEADLINE(Origin.CLIENT, false, Advice.RESUME_NOW),
    KEEPALIVE_TIMEOUT(Origin.NETWORK, false, Advice.RESUME_AFTER_BACKOFF),
    NETWORK_LOST(Origin.NETWORK, false, Advice.RESUME_AFTER_BACKOFF),
    PROTOCOL_MISMATCH(Origin.PEER, false, Advice.STOP),
    TLS_FAILED(Origin.PEER, false, Advice.RESUME_AFTER_BACKOFF),
    HTTP2_ERROR(Origin.PEER, false, Advice.RESUME_AFTER_BACKOFF),

    INTERMEDIARY_IDLE(Origin.INTERMEDIARY, false, Advice.RESUME_NOW),
    INTERMEDIARY_RESTART(Origin.INTERMEDIARY, false, Advice.RESUME_AFTER_BACKOFF),
    NAT_EXPIRED(Origin.INTERMEDIARY, false, Advice.RESUME_NOW),
    CLIENT_PROCESS_DIED(Origin.CLIENT, false, Advice.STOP),
    STALE_CONNECTION(Origin.PEER, false, Advice.RESUME_NOW),

    UNKNOWN(Origin.UNKNOWN, false, Advice.RESUME_AFTER_BACKOFF);

    /** Who ended the stream, as far as the cause tells. */
    public enum Origin {
        SERVER,
        CLIENT,
        /** The other end of the connection, which may be a proxy. */
        PEER,
        INTERMEDIARY,
        NETWORK,
        UNKNOWN
    }

    /** What the client should do next. */
    public enum Advice {
        RESUME_NOW,
        RESUME_AFTER_BACKOFF,
        /** What was resumed is gone: start anew. */
        RESYNC,
        STOP
    }

    private final Origin origin;
    private final boolean expected;
    private final Advice advice;

    CloseCause(Origin origin, boolean expected, Advice advice) {
        this.origin = origin;
        this.expected = expected;
        this.advice = advice;
    }

    public Origin origin() {
        return origin;
    }

    /** Whether this end is part of normal operation: never logged above INFO, excluded from alerts. */
    public boolean expected() {
        return expected;
    }

    public Advice advice() {
        return advice;
    }
}
