package io.registrycenter.client.internal.link;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Connected;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.internal.wire.StreamEnd;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one stream alive for as long as its {@link Protocol} wants one: see the drawing at {@link LinkState}.
 *
 * <p>Every end of the current stream comes to {@link #ended}, which plans the next attempt; there is no other way out of
 * a lost link. When the server drains, the next stream is made while the old one still delivers ({@code retiring}), and
 * the old one is let go when the new one is live. If the old one ends before that, it is lost when there is no attempt to
 * follow it, or when that fails.
 *
 * <p>A link that waits because it reached no server tries soon when another link, or a call, of the same client has reached one,
 * and there first: see {@link Findings}. Confined to the serial executor.
 */
public final class LinkMachine<Q, R> implements Attempt.Owner<Q, R> {

    /** A retiring stream that ended while its successor was on the way. */
    private record Orphaned<Q, R>(Attempt<Q, R> attempt, StreamEnd end, long atNanos) {}

    private final Serial serial;
    private final Channels channels;
    private final Protocol<Q, R> protocol;
    private final LinkEvents events;
    private final Findings findings;
    private final Waits waits;

    private LinkState state = LinkState.IDLE;
    private String lastTarget = "";
    /** Where the next attempt goes; empty: to one at random. */
    private String nextTarget = "";

    private @Nullable Attempt<Q, R> current;
    private @Nullable Attempt<Q, R> retiring;
    private @Nullable Orphaned<Q, R> orphaned;
    private Serial.@Nullable Timer next;
    private long nextAtNanos;

    public LinkMachine(
            Serial serial,
            Channels channels,
            Protocol<Q, R> protocol,
            LinkEvents events,
            Findings findings,
            Duration connectTimeout,
            DoubleSupplier random) {
        this.serial = serial;
        this.channels = channels;
        this.protocol = protocol;
        this.events = events;
        this.findings = findings;
        this.waits = new Waits(serial, protocol, findings, connectTimeout, random);
        findings.follow(this::reached);
    }

    public LinkState state() {
        serial.check();
        return state;
    }

    /** The target of the newest stream; empty before the first. */
    public String lastTarget() {
        serial.check();
        return lastTarget;
    }

    /** A stream is wanted; without effect when one is there or planned. */
    public void start() {
        serial.check();
        if (state == LinkState.IDLE) {
            connect();
        }
    }

    /** No stream is wanted for now. */
    public void rest(String why) {
        serial.check();
        if (state != LinkState.IDLE && state != LinkState.CLOSED) {
            move(LinkState.IDLE);
            drop(why);
        }
    }

    /** Ends everything for good. */
    public void close(String why) {
        serial.check();
        if (state != LinkState.CLOSED) {
            move(LinkState.CLOSED);
            drop(why);
        }
    }

    private void drop(String why) {
        if (next != null) {
            next.cancel();
            next = null;
        }
        nextTarget = "";
        Attempt<Q, R> live = current;
        Attempt<Q, R> old = retiring;
        current = null;
        retiring = null;
        orphaned = null;
        events.resting(protocol.kind());
        StreamEnd end = StreamEnd.of(CloseCause.CLIENT_COMPLETED, why);
        if (live != null) {
            live.end(end);
        }
        if (old != null) {
            old.end(end);
        }
    }

    private void connect() {
        move(LinkState.CONNECTING);
        lastTarget = nextTarget.isEmpty() ? channels.pick(lastTarget) : nextTarget;
        nextTarget = "";
        Attempt<Q, R> attempt = new Attempt<>(serial, this, lastTarget, waits.forAnswer());
        current = attempt;
        attempt.start(channels, protocol);
    }

    @Override
    public void answered(Attempt<Q, R> attempt) {
        if (attempt != current) {
            return;
        }
        waits.answered();
        move(LinkState.SYNCING);
    }

    @Override
    public boolean live(Attempt<Q, R> attempt, boolean resumed, @Nullable Cursor cursor) {
        if (attempt != current) {
            return false;
        }
        move(LinkState.LIVE);
        waits.live();
        orphaned = null;
        events.connected(
                new Connected(protocol.kind(), attempt.target, attempt.node, attempt.streamId, resumed, cursor));
        Attempt<Q, R> old = retiring;
        retiring = null;
        if (old != null) {
            old.end(StreamEnd.of(CloseCause.CLIENT_COMPLETED, "moved"));
        }
        findings.reached(attempt.target);
        return true;
    }

    @Override
    public void draining(Attempt<Q, R> attempt, CloseCause cause, Duration reconnectAfter) {
        if (attempt == current) {
            waits.ended(cause);
            plan(reconnectAfter);
        }
    }

    @Override
    public void ended(Attempt<Q, R> attempt, StreamEnd end) {
        if (attempt == retiring) {
            retired(attempt, end);
        }
        if (attempt != current) {
            return;
        }
        current = null;
        countLiveTime();
        note(attempt, end);
        boolean again = protocol.wanted();
        Duration delay = again ? beforeNext(attempt, end) : Duration.ZERO;
        Orphaned<Q, R> before = orphaned;
        orphaned = null;
        // First what comes next, then the telling: whatever that throws, the link comes back.
        if (again) {
            move(LinkState.WAITING);
            plan(delay);
        } else {
            move(LinkState.IDLE);
            drop("not wanted");
        }
        if (before != null) {
            tell(before.attempt, before.end, before.atNanos, delay, again);
        }
        tell(attempt, end, serial.nanoTime(), delay, again);
    }

    /** A server that was reached while this attempt got no answer is news; before a lost stream's end it is none. */
    private Duration beforeNext(Attempt<Q, R> attempt, StreamEnd end) {
        Duration delay = waits.beforeNext(end);
        Findings.Reached found = attempt.phase() == Phase.CONNECTING ? findings.since(attempt.startedNanos) : null;
        return found == null ? delay : sooner(delay, found);
    }

    private void reached(Findings.Reached found) {
        if (state == LinkState.WAITING) {
            plan(sooner(Duration.ofNanos(Math.max(0, nextAtNanos - serial.nanoTime())), found));
        }
    }

    private Duration sooner(Duration left, Findings.Reached found) {
        Duration sooner = waits.afterReached(left);
        if (sooner.compareTo(left) < 0) {
            nextTarget = found.target();
        }
        return sooner;
    }

    private void retired(Attempt<Q, R> attempt, StreamEnd end) {
        retiring = null;
        note(attempt, end);
        long now = serial.nanoTime();
        if (current != null) {
            orphaned = new Orphaned<>(attempt, end, now);
        } else {
            tell(attempt, end, now, Duration.ofNanos(Math.max(0, nextAtNanos - now)), true);
        }
        events.live(protocol.kind(), state == LinkState.LIVE);
    }

    /** What the end says about the attempts to come. */
    private void note(Attempt<Q, R> attempt, StreamEnd end) {
        waits.ended(end.cause());
        if (end.cause() != CloseCause.CLIENT_COMPLETED) {
            attempt.judge(channels, end.cause());
        }
    }

    private void tell(Attempt<Q, R> attempt, StreamEnd end, long atNanos, Duration delay, boolean again) {
        DisconnectReport report = new DisconnectReport(
                protocol.kind(),
                attempt.target,
                attempt.streamId,
                end.cause(),
                waits.expected(end.cause(), attempt.phase(), atNanos),
                attempt.phase(),
                Duration.ofNanos(atNanos - attempt.startedNanos),
                Duration.ofNanos(atNanos - attempt.lastFrameNanos),
                end.detail(),
                waits.failures(),
                delay,
                again);
        events.ended(report);
        protocol.ended(report);
    }

    /** Connects after the time. A stream that is still there then delivers until the new one is live. */
    private void plan(Duration delay) {
        if (next != null) {
            next.cancel();
        }
        nextAtNanos = serial.nanoTime() + delay.toNanos();
        next = serial.schedule(delay, () -> {
            next = null;
            try {
                moveOn();
            } finally {
                connect();
            }
        });
    }

    /** The stream that is there delivers until the next one is live; never more than one does. */
    private void moveOn() {
        Attempt<Q, R> old = current;
        if (old == null) {
            return;
        }
        current = null;
        old.moveOn(channels);
        if (retiring == null) {
            countLiveTime();
            retiring = old;
        } else {
            old.end(StreamEnd.of(CloseCause.CLIENT_COMPLETED, "moved again before it was live"));
        }
    }

    private void countLiveTime() {
        if (state == LinkState.LIVE) {
            waits.liveOver();
        }
    }

    /** The one way from state to state. */
    private void move(LinkState to) {
        if (!state.mayBecome(to)) {
            throw new IllegalStateException("a stream that is " + state + " cannot become " + to);
        }
        state = to;
        events.live(protocol.kind(), state == LinkState.LIVE || retiring != null);
    }
}
