package io.registrycenter.watch;

import java.util.random.RandomGenerator;

/**
 * The clocks of one stream, moved by ticks. Confined to the stream's lane.
 *
 * <p>While data waits for a transport that is not ready, and while a heartbeat has not left this server, the acknowledgement
 * and idle clocks stand still and only the stall clock runs: a slow client is slow, not dead. A long gap between two ticks is this server's pause
 * and counts as one ordinary tick.
 */
final class StreamClock {

    private static final long LONGEST_TICK_NANOS = 1_000_000_000L;

    /** What a tick found out. */
    enum Verdict {
        FINE,
        HEARTBEAT_DUE,
        ACK_OVERDUE,
        IDLE,
        STALLED,
        TOO_OLD
    }

    private final WatchSettings settings;
    private final long maxAgeNanos;
    private final RandomGenerator random;
    private long lastTickNanos;
    private long ageNanos;
    private long idleNanos;
    private long stalledNanos;
    private long untilHeartbeatNanos;
    private long awaitedAckNanos;
    private long heartbeats;
    private long heartbeatWrittenNanos;

    /** Newest heartbeats that were not acknowledged. */
    private int unacknowledged;

    StreamClock(WatchSettings settings, RandomGenerator random, long nowNanos) {
        this.settings = settings;
        this.random = random;
        this.lastTickNanos = nowNanos;
        this.untilHeartbeatNanos = jittered(settings.heartbeatInterval().toNanos(), 0.25);
        this.maxAgeNanos = settings.maxAge().isZero()
                ? Long.MAX_VALUE
                : jittered(settings.maxAge().toNanos(), 0.10);
    }

    private long jittered(long nanos, double part) {
        return (long) (nanos * (1 - part + 2 * part * random.nextDouble()));
    }

    /**
     * Moves the clocks to now.
     *
     * @param ready whether the transport takes data
     * @param waiting whether there is data for it
     * @param held whether a heartbeat that was written has not left; no other becomes due until it has
     */
    Verdict tick(long nowNanos, boolean ready, boolean waiting, boolean held) {
        long passed = Math.min(nowNanos - lastTickNanos, LONGEST_TICK_NANOS);
        lastTickNanos = nowNanos;
        ageNanos += passed;
        untilHeartbeatNanos -= passed;
        if (held || (waiting && !ready)) {
            stalledNanos += passed;
            if (stalledNanos >= settings.stall().toNanos()) {
                return Verdict.STALLED;
            }
            return held ? Verdict.FINE : dueOr(Verdict.FINE);
        }
        stalledNanos = 0;
        if (!ready) {
            return dueOr(Verdict.FINE);
        }
        idleNanos += passed;
        if (awaitsAck()) {
            awaitedAckNanos += passed;
        }
        if (awaitsAck() && awaitedAckNanos >= settings.heartbeatTimeout().toNanos()) {
            return Verdict.ACK_OVERDUE;
        }
        if (idleNanos >= settings.idleTimeout().toNanos()) {
            return Verdict.IDLE;
        }
        return ageNanos >= maxAgeNanos ? Verdict.TOO_OLD : dueOr(Verdict.FINE);
    }

    /** Moves to now while a neighbour holds what the stream waits for: nothing of it is this client's fault. */
    Verdict pause(long nowNanos) {
        lastTickNanos = nowNanos;
        return Verdict.FINE;
    }

    private Verdict dueOr(Verdict otherwise) {
        return untilHeartbeatNanos <= 0 ? Verdict.HEARTBEAT_DUE : otherwise;
    }

    /** The transport took data again. */
    void progressed() {
        stalledNanos = 0;
    }

    /** The next becomes due; returns the number of this one, from 1. */
    long heartbeatWritten(long nowNanos) {
        untilHeartbeatNanos = jittered(settings.heartbeatInterval().toNanos(), 0.25);
        heartbeatWrittenNanos = nowNanos;
        unacknowledged++;
        return ++heartbeats;
    }

    /** How many were written. */
    long heartbeats() {
        return heartbeats;
    }

    /** Since the newest was written, if one was. */
    long sinceHeartbeatNanos(long nowNanos) {
        return nowNanos - heartbeatWrittenNanos;
    }

    /** Whether a heartbeat was written that is not acknowledged. */
    boolean awaitsAck() {
        return unacknowledged > 0;
    }

    /**
     * A heartbeat was acknowledged, and with it all before it; one that was so already changes nothing.
     *
     * @param newer heartbeats written after it
     */
    void acknowledged(long newer) {
        if (newer < unacknowledged) {
            unacknowledged = (int) newer;
            awaitedAckNanos = 0;
        }
    }

    void received() {
        idleNanos = 0;
    }

    long ageNanos() {
        return ageNanos;
    }

    long idleNanos() {
        return idleNanos;
    }

    long stalledNanos() {
        return stalledNanos;
    }
}
