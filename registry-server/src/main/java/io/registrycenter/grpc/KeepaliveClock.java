package io.registrycenter.grpc;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The clock that finds out whether the other end of one connection is still there. Confined to the connection's event loop.
 *
 * <pre>
 * HEARD --silent for the keepalive time---------------------> ASKED --no byte within the timeout--> OVER
 *   `--the last stream ended--> PARTING --no byte for a tick---^                                     ^
 * PARTING, ASKED --a byte--> HEARD                                                                   |
 * HEARD, PARTING, ASKED --this end ends the connection for a fault of the other end--> CLOSING --late-'
 * </pre>
 *
 * <p>While the slow-client ladder has something to judge, an unanswered ping does not count: the ladder ends streams one by
 * one, an unanswered ping would end the whole connection. The ladder is done with each stream in a bounded time. A long gap
 * between two ticks is a pause of this server and counts as one ordinary tick.
 */
final class KeepaliveClock {

    /** A connection that has lost its last stream, or that this end ends, has less time: ten seconds with the ticks around it. */
    static final Duration LONGEST_PARTING = Duration.ofSeconds(8);

    private static final long LONGEST_STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Ticks within the time that the other end has for its answer. */
    private static final int STEPS = 8;

    /** What a tick found out. */
    enum Verdict {
        FINE,
        /** The other end is to be sent a ping. */
        PING,
        /** The other end answered nothing in its time: the connection is to be closed by force. Comes once. */
        GONE,
        /** The connection that this end has ended is still open: likewise. Comes once. */
        LATE
    }

    private enum State {
        /** The other end was heard lately. */
        HEARD,
        /** The last stream has ended; the other end may be about to close the connection, or to open another stream. */
        PARTING,
        /** A ping was sent, and nothing was heard since. */
        ASKED,
        /** This end said goodbye for a fault of the other end, which is to close. */
        CLOSING,
        OVER
    }

    private final long keepaliveNanos;
    private final long timeoutNanos;
    private final BooleanSupplier ladderJudges;
    private State state = State.HEARD;
    private long lastTickNanos;
    private long sinceNanos;
    private long waitedNanos;
    private long limitNanos;

    /**
     * @param keepalive silence after which the other end is sent a ping
     * @param timeout how long it has for an answer of any kind
     * @param ladderJudges whether the slow-client ladder has yet to judge a stream of this connection
     */
    KeepaliveClock(Duration keepalive, Duration timeout, BooleanSupplier ladderJudges, long nowNanos) {
        this.keepaliveNanos = keepalive.toNanos();
        this.timeoutNanos = timeout.toNanos();
        this.ladderJudges = ladderJudges;
        this.lastTickNanos = nowNanos;
    }

    /** The last stream of the connection is over. */
    void lastStreamEnded(long nowNanos) {
        switch (state) {
            case HEARD -> await(State.PARTING, nowNanos, parting());
            case PARTING, ASKED -> await(state, nowNanos, parting());
            case CLOSING, OVER -> {
                // Its end is decided.
            }
        }
    }

    /** This end has said goodbye and why, for a fault of the other end. */
    void closing(long nowNanos) {
        if (state != State.CLOSING && state != State.OVER) {
            await(State.CLOSING, nowNanos, parting());
        }
    }

    private long parting() {
        return Math.min(timeoutNanos, LONGEST_PARTING.toNanos());
    }

    /** @param lastReadNanos when the newest byte came */
    Verdict tick(long nowNanos, long lastReadNanos) {
        long passed = Math.min(nowNanos - lastTickNanos, 2 * stepNanos());
        lastTickNanos = nowNanos;
        return switch (state) {
            case HEARD -> nowNanos - lastReadNanos < keepaliveNanos ? Verdict.FINE : ask(nowNanos);
            case PARTING -> {
                if (lastReadNanos > sinceNanos) {
                    state = State.HEARD;
                    yield Verdict.FINE;
                }
                waitedNanos += passed;
                state = State.ASKED;
                yield Verdict.PING;
            }
            case ASKED -> {
                if (lastReadNanos > sinceNanos) {
                    state = State.HEARD;
                    yield Verdict.FINE;
                }
                yield ladderJudges.getAsBoolean() ? Verdict.FINE : waited(passed, Verdict.GONE);
            }
            case CLOSING -> waited(passed, Verdict.LATE);
            case OVER -> Verdict.FINE;
        };
    }

    private Verdict ask(long nowNanos) {
        await(State.ASKED, nowNanos, timeoutNanos);
        return Verdict.PING;
    }

    private Verdict waited(long passed, Verdict tooLong) {
        waitedNanos += passed;
        if (waitedNanos < limitNanos) {
            return Verdict.FINE;
        }
        state = State.OVER;
        return tooLong;
    }

    private void await(State next, long nowNanos, long limit) {
        state = next;
        sinceNanos = nowNanos;
        lastTickNanos = nowNanos;
        waitedNanos = 0;
        limitNanos = limit;
    }

    /** After how long the next tick is useful; positive. */
    long nextTickNanos(long nowNanos, long lastReadNanos) {
        return switch (state) {
            case HEARD -> Math.max(stepNanos(), keepaliveNanos - (nowNanos - lastReadNanos));
            case PARTING, ASKED, CLOSING -> stepNanos();
            case OVER -> keepaliveNanos;
        };
    }

    private long stepNanos() {
        return Math.min(LONGEST_STEP_NANOS, parting() / STEPS);
    }
}
