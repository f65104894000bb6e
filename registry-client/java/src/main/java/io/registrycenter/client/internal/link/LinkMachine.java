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
 * the old one is let go when the new one is live. Confined to the serial executor.
 */
public final class LinkMachine<Q, R> implements Attempt.Owner<Q, R> {

    private static final int MAX_DOUBLINGS = 10;

    private final Serial serial;
    private final Channels channels;
    private final Protocol<Q, R> protocol;
    private final LinkEvents events;
    private final Duration connectTimeout;
    private final Backoff backoff;

    private LinkState state = LinkState.IDLE;
    private String lastTarget = "";
    private @Nullable Attempt<Q, R> current;
    private @Nullable Attempt<Q, R> retiring;
    private Serial.@Nullable Timer next;
    private long liveSinceNanos;

    public LinkMachine(
            Serial serial,
            Channels channels,
            Protocol<Q, R> protocol,
            LinkEvents events,
            Duration connectTimeout,
            DoubleSupplier random) {
        this.serial = serial;
        this.channels = channels;
        this.protocol = protocol;
        this.events = events;
        this.connectTimeout = connectTimeout;
        this.backoff = new Backoff(random);
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
        Attempt<Q, R> live = current;
        Attempt<Q, R> old = retiring;
        current = null;
        retiring = null;
        events.live(protocol.kind(), false);
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
        lastTarget = channels.pick(lastTarget);
        Attempt<Q, R> attempt = new Attempt<>(serial, this, lastTarget, patience());
        current = attempt;
        attempt.start(channels, protocol);
    }

    /**
     * How long an attempt may go unanswered: no longer than the protocol's waits at first, so that a server that is silent
     * does not use up the time there is to reach another; twice as long after each failure, for one that is slow.
     */
    private Duration patience() {
        int doublings = Math.min(MAX_DOUBLINGS, Math.max(0, backoff.failures() - 1));
        Duration cap = protocol.backoffCap().multipliedBy(1L << doublings);
        return cap.compareTo(connectTimeout) < 0 ? cap : connectTimeout;
    }

    @Override
    public void answered(Attempt<Q, R> attempt) {
        if (attempt != current) {
            return;
        }
        move(LinkState.SYNCING);
    }

    @Override
    public void live(Attempt<Q, R> attempt, boolean resumed, @Nullable Cursor cursor) {
        if (attempt != current || state != LinkState.SYNCING) {
            return;
        }
        move(LinkState.LIVE);
        liveSinceNanos = serial.nanoTime();
        events.connected(
                new Connected(protocol.kind(), attempt.target, attempt.node, attempt.streamId, resumed, cursor));
        Attempt<Q, R> old = retiring;
        retiring = null;
        if (old != null) {
            old.end(StreamEnd.of(CloseCause.CLIENT_COMPLETED, "moved"));
        }
    }

    @Override
    public void draining(Attempt<Q, R> attempt, Duration reconnectAfter) {
        if (attempt == current) {
            plan(reconnectAfter);
        }
    }

    @Override
    public void ended(Attempt<Q, R> attempt, StreamEnd end) {
        if (attempt == retiring) {
            retiring = null;
            events.live(protocol.kind(), state == LinkState.LIVE);
        }
        if (attempt != current) {
            return;
        }
        current = null;
        Phase phase = phase();
        countLiveTime();
        boolean again = protocol.wanted();
        Duration delay = again ? delay(end) : Duration.ZERO;
        DisconnectReport report = report(attempt, end, phase, delay, again);
        events.disconnected(report);
        protocol.disconnected(report);
        if (again) {
            move(LinkState.WAITING);
            plan(delay);
        } else {
            move(LinkState.IDLE);
            drop("not wanted");
        }
    }

    /** Connects after the time. A stream that is still there then delivers until the new one is live. */
    private void plan(Duration delay) {
        if (next != null) {
            next.cancel();
        }
        next = serial.schedule(delay, () -> {
            next = null;
            moveOn();
            connect();
        });
    }

    /** The stream that is there delivers until the next one is live; never more than one does. */
    private void moveOn() {
        Attempt<Q, R> old = current;
        if (old == null) {
            return;
        }
        current = null;
        if (retiring == null) {
            countLiveTime();
            retiring = old;
        } else {
            old.end(StreamEnd.of(CloseCause.CLIENT_COMPLETED, "moved again before it was live"));
        }
    }

    /** A link that was live for long enough starts over with the shortest waits. */
    private void countLiveTime() {
        if (state == LinkState.LIVE) {
            backoff.wasLiveFor(Duration.ofNanos(serial.nanoTime() - liveSinceNanos));
        }
    }

    /**
     * The server's hint wins; a cause that somebody must mend waits longest; else the backoff. A stream this client ended
     * itself, and is wanted again, was no failure.
     */
    private Duration delay(StreamEnd end) {
        if (end.retryAfter() != null) {
            return backoff.hinted(end.retryAfter());
        }
        if (end.cause() == CloseCause.CLIENT_COMPLETED) {
            return Duration.ZERO;
        }
        Duration cap = protocol.backoffCap();
        return end.cause().advice() == CloseCause.Advice.STOP ? backoff.longest(cap) : backoff.next(cap);
    }

    private Phase phase() {
        return switch (state) {
            case LIVE -> Phase.LIVE;
            case SYNCING -> Phase.SYNCING;
            default -> Phase.CONNECTING;
        };
    }

    private DisconnectReport report(Attempt<Q, R> attempt, StreamEnd end, Phase phase, Duration delay, boolean again) {
        long now = serial.nanoTime();
        return new DisconnectReport(
                protocol.kind(),
                attempt.target,
                attempt.streamId,
                end.cause(),
                phase,
                Duration.ofNanos(now - attempt.startedNanos),
                Duration.ofNanos(now - attempt.lastFrameNanos),
                end.detail(),
                backoff.failures(),
                delay,
                again);
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
