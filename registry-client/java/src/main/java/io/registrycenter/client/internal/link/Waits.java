package io.registrycenter.client.internal.link;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.internal.wire.StreamEnd;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** How long a link waits: for an answer, and before the next attempt. Confined to the serial executor. */
final class Waits {

    private static final int MAX_DOUBLINGS = 10;

    /**
     * Attempts that did not wait for their own time are so far apart: a server that takes streams and soon loses them gets no
     * more of them than after a planned end.
     */
    private static final Duration SOONER_APART = Planned.LONGEST_STEP;

    private final Serial serial;
    private final Protocol<?, ?> protocol;
    private final Findings findings;
    private final Duration connectTimeout;
    private final Backoff backoff;
    private final Planned planned = new Planned();
    private long liveSinceNanos;
    private int unanswered;
    /** The present wait is the backoff's, after an end that no server has spoken. */
    private boolean unreached;

    private long soonerFromNanos;

    /** @param random 0 (inclusive) to 1 (exclusive) */
    Waits(Serial serial, Protocol<?, ?> protocol, Findings findings, Duration connectTimeout, DoubleSupplier random) {
        this.serial = serial;
        this.protocol = protocol;
        this.findings = findings;
        this.connectTimeout = connectTimeout;
        this.backoff = new Backoff(random);
        this.soonerFromNanos = serial.nanoTime();
    }

    /**
     * How long an attempt may go unanswered: no longer than the protocol's waits at first, so that a server that is silent
     * does not use up the time there is to reach another; twice as long each time that was too short, for one that is slow.
     */
    Duration forAnswer() {
        Duration cap = protocol.backoffCap().multipliedBy(1L << Math.min(MAX_DOUBLINGS, unanswered));
        return cap.compareTo(connectTimeout) < 0 ? cap : connectTimeout;
    }

    void answered() {
        unanswered = 0;
    }

    void live() {
        liveSinceNanos = serial.nanoTime();
        planned.settled();
    }

    /** No longer live. A link that was that for long enough starts over with the shortest waits. */
    void liveOver() {
        backoff.wasLiveFor(Duration.ofNanos(serial.nanoTime() - liveSinceNanos));
    }

    /** A stream ended, or will. */
    void ended(CloseCause cause) {
        planned.ended(cause, findings.restartGrace(), serial.nanoTime());
        if (cause == CloseCause.CONNECT_TIMEOUT) {
            unanswered++;
        }
    }

    /**
     * The server's hint wins; a cause that somebody must mend waits longest; else the backoff, which stays short for a while
     * after a planned end. A stream this client ended itself, and is wanted again, was no failure.
     */
    Duration beforeNext(StreamEnd end) {
        unreached = false;
        if (end.retryAfter() != null) {
            return backoff.hinted(end.retryAfter());
        }
        if (end.cause() == CloseCause.CLIENT_COMPLETED) {
            return Duration.ZERO;
        }
        Duration cap = protocol.backoffCap();
        if (end.cause().advice() == CloseCause.Advice.STOP) {
            return backoff.longest(cap);
        }
        unreached = end.cause().origin() != CloseCause.Origin.SERVER;
        return backoff.next(planned.step(cap, serial.nanoTime()));
    }

    /**
     * A server was reached meanwhile: how long to wait still, where it was {@code left}. A wait that a server asked for, or that
     * waits for somebody to mend something, stays as it is; with full jitter, so that clients that wait for the same server do
     * not all come at once.
     */
    Duration afterReached(Duration left) {
        if (!unreached) {
            return left;
        }
        long now = serial.nanoTime();
        Duration sooner = Duration.ofNanos(Math.max(0, soonerFromNanos - now)).plus(backoff.soon());
        if (sooner.compareTo(left) >= 0) {
            return left;
        }
        soonerFromNanos = now + sooner.plus(SOONER_APART).toNanos();
        return sooner;
    }

    /** Whether such an end is part of normal operation. */
    boolean expected(CloseCause cause, Phase phase, long atNanos) {
        return cause.expected() || (phase == Phase.CONNECTING && planned.explains(cause, atNanos));
    }

    /** Attempts in a row that did not stay live. */
    int failures() {
        return backoff.failures();
    }
}
