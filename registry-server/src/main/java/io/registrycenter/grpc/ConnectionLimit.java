package io.registrycenter.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.Consumer;

/**
 * How many connections this node serves, and what becomes of more.
 *
 * <pre>
 * ACCEPTING --all served, and as many as may be are being turned away--> PAUSED
 *     ^-----------------------one of either is gone-------------------------'
 * </pre>
 *
 * <p>Any thread; the monitor is held for a few instructions and while the acceptors are told.
 */
final class ConnectionLimit {

    /** What becomes of a connection that was accepted. */
    enum Verdict {
        SERVE,
        /** Told why, then closed. */
        TURN_AWAY
    }

    private final int served;
    private final int turnedAway;
    private final Consumer<Boolean> accepting;

    @GuardedBy("this")
    private int servedNow;

    @GuardedBy("this")
    private int turnedAwayNow;

    @GuardedBy("this")
    private boolean paused;

    /**
     * @param served connections served at a time
     * @param turnedAway connections that may be held at a time to be told that there is no room
     * @param accepting told with the monitor held, in order, whether to accept; it accepts at first
     */
    ConnectionLimit(int served, int turnedAway, Consumer<Boolean> accepting) {
        this.served = served;
        this.turnedAway = turnedAway;
        this.accepting = accepting;
    }

    /** A connection was accepted. An acceptor that was quicker than the pause adds a few that are turned away too. */
    synchronized Verdict opened() {
        Verdict verdict = servedNow < served ? Verdict.SERVE : Verdict.TURN_AWAY;
        switch (verdict) {
            case SERVE -> servedNow++;
            case TURN_AWAY -> turnedAwayNow++;
        }
        if (isFull()) {
            // Said again each time: a failed accept makes the acceptor start again by itself.
            paused = true;
            accepting.accept(false);
        }
        return verdict;
    }

    /** A connection is gone. */
    synchronized void closed(Verdict verdict) {
        switch (verdict) {
            case SERVE -> servedNow--;
            case TURN_AWAY -> turnedAwayNow--;
        }
        if (paused && !isFull()) {
            paused = false;
            accepting.accept(true);
        }
    }

    synchronized int servedNow() {
        return servedNow;
    }

    synchronized int turnedAwayNow() {
        return turnedAwayNow;
    }

    @GuardedBy("this")
    private boolean isFull() {
        return servedNow >= served && turnedAwayNow >= turnedAway;
    }
}
