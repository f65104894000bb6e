package io.registrycenter.watch;

import java.util.random.RandomGenerator;

/**
 * The clocks of one stream, moved by ticks. Confined to the stream's lane.
 *
 * <p>While the transport is not ready the acknowledgement and idle clocks stand still and only the stall clock runs: a slow
 * client is slow, not dead. A long gap between two ticks is this server's pause and counts as one ordinary tick.
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
    private boolean ackAwaited;

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
     */
    Verdict tick(long nowNanos, boolean ready, boolean waiting) {
        long passed = Math.min(nowNanos - lastTickNanos, LONGEST_TICK_NANOS);
        lastTickNanos = nowNanos;
        ageNanos += passed;
        untilHeartbeatNanos -= passed;
        if (!ready && waiting) {
            stalledNanos += passed;
            return stalledNanos >= settings.stall().toNanos() ? Verdict.STALLED : dueOr(Verdict.FINE);
        }
        stalledNanos = 0;
        if (!ready) {
            return dueOr(Verdict.FINE);
        }
        idleNanos += passed;
        if (ackAwaited) {
            awaitedAckNanos += passed;
        }
        if (ackAwaited && awaitedAckNanos >= settings.heartbeatTimeout().toNanos()) {
            return Verdict.ACK_OVERDUE;
        }
        if (idleNanos >= settings.idleTimeout().toNanos()) {
            return Verdict.IDLE;
        }
        return ageNanos >= maxAgeNanos ? Verdict.TOO_OLD : dueOr(Verdict.FINE);
    }

    private Verdict dueOr(Verdict otherwise) {
        return untilHeartbeatNanos <= 0 ? Verdict.HEARTBEAT_DUE : otherwise;
    }

    /** The transport took data again. */
    void progressed() {
        stalledNanos = 0;
    }

    void heartbeatWritten() {
        untilHeartbeatNanos = jittered(settings.heartbeatInterval().toNanos(), 0.25);
        if (!ackAwaited) {
            ackAwaited = true;
            awaitedAckNanos = 0;
        }
    }

    void acknowledged() {
        ackAwaited = false;
        awaitedAckNanos = 0;
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
