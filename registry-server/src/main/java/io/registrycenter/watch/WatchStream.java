package io.registrycenter.watch;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's watch stream: its subscriptions, its clocks, and the one place where it ends.
 *
 * <pre>
 * NEW --hello--> OPEN --our rule, grammar, drain--> ENDING --transport gone--> CLOSED
 *  `--------------------`------------transport gone------------------------------^
 * </pre>
 *
 * <p>Every method is called on {@link Outlet#executor()}. Nothing is queued for a slow client but its place on the rings: a
 * message is made only when the transport takes it.
 */
public final class WatchStream {

    private static final Logger log = LoggerFactory.getLogger(WatchStream.class);

    private static final int CURSORS_IN_AN_END = 100;

    /** How long a client that was asked to move for the stream's age has for it, at most. */
    private static final Duration LONGEST_MOVE = Duration.ofSeconds(5);

    /** Name of the limit, as clients and operators know it. */
    public static final String SUBSCRIPTIONS_PER_STREAM = "subscriptions-per-stream";

    /** Where a stream stands. */
    public enum State {
        /** Hello has not come. */
        NEW,
        OPEN,
        /** Its end is handed to the transport; nothing is written any more. */
        ENDING,
        CLOSED
    }

    private final Hub hub;
    private final Lane lane;
    private final Outlet outlet;
    private final String id;
    private final String peer;
    private final StreamClock clock;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Outbox outbox;

    /** Made when a cursor is from the future: few are. */
    private @Nullable FutureCursors future;

    private State state = State.NEW;
    private @Nullable CloseCause closeCause;
    private ClientInfo client = ClientInfo.UNKNOWN;
    private @Nullable PreviousClose previousClose;
    private long heartbeatSeq;
    private long endingSinceNanos;
    private long heartbeatWrittenNanos;

    /** The newest heartbeat whose acknowledgement came. */
    private long answeredSeq;

    /** The newest revision the client said to have applied; -1: it did not say. */
    private long acknowledged = -1;

    private String said = "";

    /** As it stood when its end was decided, which cleans up. */
    private @Nullable StreamFigures lastFigures;

    /** Why the client was asked to move; null: it was not. */
    private @Nullable CloseCause asked;

    /** For the stream's age: when the stream ends. */
    private long moveUntilNanos;

    /** How the stream ends when everything that waits is written; null: it goes on. */
    private @Nullable Farewell farewell;

    private record Farewell(CloseCause cause, String message, Duration retryAfter) {}

    /** Its place among the lane's streams. Owned by {@link Lane}. */
    int laneIndex;

    WatchStream(Hub hub, Lane lane, Outlet outlet, String id, String peer, StreamClock clock) {
        this.hub = hub;
        this.lane = lane;
        this.outlet = outlet;
        this.id = id;
        this.peer = peer;
        this.clock = clock;
        this.outbox = new Outbox(outlet);
    }

    // --- what the client says ----------------------------------------------------------------------------------------

    /** The first frame. A second one breaks the grammar. */
    public void hello(ClientInfo who, @Nullable PreviousClose previous) {
        clock.received();
        if (state != State.NEW) {
            invalid("hello was already said");
            return;
        }
        client = who;
        previousClose = previous;
        move(State.OPEN);
        answer(new Frame.Welcome(id, hub.cursor(hub.published())));
    }

    /**
     * Adds a subscription.
     *
     * @param subscriptionId unique on this stream, not 0
     * @param from the resume point; null: start with a snapshot
     * @param coalesce whether what it is far behind may be told as net changes
     */
    public void subscribe(long subscriptionId, Interest interest, @Nullable Cursor from, boolean coalesce) {
        clock.received();
        if (!expectOpen() || !expectNewId(subscriptionId)) {
            return;
        }
        int limit = hub.settings().subscriptionsPerStream();
        if (subscriptions.size() >= limit) {
            hub.stats().refused(SUBSCRIPTIONS_PER_STREAM);
            rejected(
                    subscriptionId,
                    new Refusal.LimitExceeded(
                            SUBSCRIPTIONS_PER_STREAM, limit, subscriptions.size() + 1L, Duration.ofSeconds(30)));
            return;
        }
        Subscription subscription = hub.attach(this, lane, subscriptionId, interest, coalesce);
        subscriptions.add(subscription);
        hub.stats().subscriptions.increment();
        start(subscription, from);
        wake(subscription);
    }

    /** A subscription that breaks a rule: it ends, the stream goes on. */
    public void rejected(long subscriptionId, Refusal why) {
        clock.received();
        if (!expectOpen() || !expectNewId(subscriptionId)) {
            return;
        }
        answer(SubscriptionEnds.refused(subscriptionId, why));
    }

    /** Ends a subscription; one that is not there was ended by us a moment ago, which is fine. */
    public void unsubscribe(long subscriptionId) {
        clock.received();
        if (expectOpen()) {
            forget(subscriptionId);
            outbox.dropEnd(subscriptionId);
        }
    }

    /** Answer to a heartbeat that does not say what was applied. */
    public void acknowledge(long seq) {
        acknowledge(seq, null);
    }

    /**
     * Answer to a heartbeat.
     *
     * @param applied the lowest cursor the client has applied; null: it did not say
     */
    public void acknowledge(long seq, @Nullable Cursor applied) {
        clock.received();
        if (!expectOpen()) {
            return;
        }
        noteAcknowledged(seq, applied);
        if (seq <= 0 || seq > heartbeatSeq) {
            invalid("heartbeat_ack.seq must name a heartbeat that was sent, was " + seq + " of " + heartbeatSeq);
        } else {
            clock.acknowledged(heartbeatSeq - seq);
        }
    }

    private void noteAcknowledged(long seq, @Nullable Cursor applied) {
        if (applied != null && applied.epoch().equals(hub.epoch())) {
            acknowledged = applied.revision();
        }
        if (seq == heartbeatSeq && seq > answeredSeq) {
            answeredSeq = seq;
            hub.stats().timings().heartbeatAnswered(hub.now() - heartbeatWrittenNanos);
        }
    }

    /** The client half-closed: it is done. */
    public void completed() {
        end(CloseCause.CLIENT_COMPLETED, "the client completed the stream", Duration.ZERO);
    }

    /** The transport takes data again. */
    public void ready() {
        clock.progressed();
        drain();
    }

    // --- ends --------------------------------------------------------------------------------------------------------

    /** The grammar of the stream was broken. */
    public void invalid(String message) {
        end(CloseCause.INVALID_REQUEST, message, Duration.ZERO);
    }

    /** Ends the stream by a rule of ours; the first cause wins. */
    public void end(CloseCause cause, String message, Duration retryAfter) {
        end(cause, message, retryAfter, null);
    }

    private void end(Refusal.LimitExceeded limit) {
        end(CloseCause.LIMIT_EXCEEDED, String.valueOf(limit.getMessage()), limit.retryAfter(), limit);
    }

    private void end(CloseCause cause, String message, Duration retryAfter, Refusal.@Nullable LimitExceeded limit) {
        if (state == State.ENDING || state == State.CLOSED) {
            return;
        }
        said = message;
        StreamEnd end =
                new StreamEnd(cause, message, retryAfter, subscriptions.writtenCursors(CURSORS_IN_AN_END), limit);
        leave(cause);
        move(State.ENDING);
        endingSinceNanos = hub.now();
        outlet.end(end);
    }

    /** Asks the client to make its next stream, elsewhere or after a while; this one goes on delivering. */
    public void ask(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        asked = cause;
        answer(new Frame.Drain(cause, deadline, reconnectAfter));
    }

    /** Ends the stream as soon as everything that waits for the client is written: now, or when the transport has taken it. */
    public void sendAway(CloseCause cause, String message, Duration retryAfter) {
        farewell = new Farewell(cause, message, retryAfter);
        drain();
    }

    /** Ends the stream now, whatever waits, and resets it: a planned end that has not got through counts as this one. */
    public void force(CloseCause cause, String message, Duration retryAfter) {
        end(cause, message, retryAfter);
        if (state == State.ENDING) {
            closeCause = closeCause == CloseCause.DRAINING ? cause : closeCause;
            outlet.reset();
        }
    }

    /**
     * The transport is gone: the one place where everything of the stream is cleaned. Idempotent; the first cause wins.
     *
     * @return the cause that won
     */
    public CloseCause close(CloseCause cause) {
        // A client that cancels after it was asked to move has moved.
        CloseCause won = leave(cause == CloseCause.CLIENT_CANCELLED && asked != null ? asked : cause);
        if (state != State.CLOSED) {
            move(State.CLOSED);
            lane.remove(this);
            hub.stats().streams.decrement();
            hub.stats().closed(won);
            hub.closed(this);
        }
        return won;
    }

    private CloseCause leave(CloseCause cause) {
        if (lastFigures == null) {
            lastFigures = figures();
        }
        CloseCause won = closeCause == null ? cause : closeCause;
        closeCause = won;
        hub.stats().subscriptions.add(-subscriptions.size());
        subscriptions.all().forEach(Subscription::end);
        subscriptions.clear();
        outbox.clear();
        future = null;
        return won;
    }

    private void forget(long subscriptionId) {
        Subscription gone = subscriptions.remove(subscriptionId);
        if (gone == null) {
            return;
        }
        outbox.remove(gone);
        gone.end();
        hub.stats().subscriptions.decrement();
    }

    private void move(State to) {
        boolean legal = switch (to) {
            case NEW -> false;
            case OPEN -> state == State.NEW;
            case ENDING -> state == State.NEW || state == State.OPEN;
            case CLOSED -> state != State.CLOSED;
        };
        if (!legal) {
            throw new IllegalStateException("a watch stream does not go from " + state + " to " + to);
        }
        state = to;
    }

    // --- cursors -----------------------------------------------------------------------------------------------------

    private void start(Subscription subscription, @Nullable Cursor from) {
        if (from == null) {
            subscription.beginSnapshot(SnapshotReason.INITIAL);
        } else if (!from.epoch().equals(hub.epoch())) {
            subscription.beginSnapshot(SnapshotReason.EPOCH_CHANGED);
        } else if (from.revision() <= hub.published()) {
            subscription.place(from.revision());
        } else {
            if (future == null) {
                future = new FutureCursors(this, lane, hub);
            }
            future.add(subscription, from.revision());
        }
    }

    /** This server has not reached the subscription's cursor in time: the client tries another. */
    void behind(Subscription subscription) {
        Cursor asked = subscription.writtenCursor();
        forget(subscription.id());
        answer(SubscriptionEnds.behind(subscription.id(), asked, hub.cursor(hub.published())));
    }

    /** No snapshot may be built for the subscription now: the client comes back for it. */
    void snapshotRefused(Subscription subscription, Refusal.LimitExceeded why) {
        hub.stats().refused(why.limit());
        forget(subscription.id());
        answer(SubscriptionEnds.refused(subscription.id(), why));
    }

    // --- writing -----------------------------------------------------------------------------------------------------

    /** A scope has news for one of the subscriptions. */
    void wake(Subscription subscription) {
        outbox.add(subscription);
        drain();
    }

    private void answer(Frame frame) {
        if (state != State.OPEN) {
            return;
        }
        if (outbox.add(frame)) {
            drain();
        } else {
            end(Outbox.tooManyAnswers());
        }
    }

    /** Writes while the transport takes it. */
    private void drain() {
        boolean done = false;
        try {
            done = outbox.drain(this);
        } catch (RuntimeException fault) {
            log.error("watch stream {} of {} failed", id, peer, fault);
            hub.stats().faults.increment();
            end(CloseCause.SERVER_FAULT, "a fault of the server", Duration.ofSeconds(1));
        }
        if (done && farewell != null && outbox.isEmpty()) {
            end(farewell.cause(), farewell.message(), farewell.retryAfter());
        }
    }

    /** A heartbeat that covers what is written to every subscription that has its first answer. */
    Frame nextHeartbeat() {
        heartbeatSeq++;
        clock.heartbeatWritten();
        heartbeatWrittenNanos = hub.now();
        return new Frame.Heartbeat(0, heartbeatSeq, hub.cursor(subscriptions.answeredUpTo(hub.published())));
    }

    /** Moves the clocks and does what they ask for. */
    void tick(long nowNanos) {
        if (state == State.ENDING) {
            // A drain has a deadline of its own for ends that do not get through.
            if (closeCause != CloseCause.DRAINING
                    && nowNanos - endingSinceNanos
                            >= hub.settings().resetAfter().toNanos()) {
                outlet.reset();
            }
            return;
        }
        if (future != null) {
            future.tick(nowNanos);
        }
        boolean held = clock.awaitsAck() && !outlet.heartbeatLeft();
        switch (clock.tick(nowNanos, outlet.ready(), !outbox.isEmpty(), held)) {
            case FINE -> {}
            case HEARTBEAT_DUE -> {
                if (state == State.OPEN) {
                    outbox.heartbeatDue();
                    drain();
                }
            }
            case ACK_OVERDUE ->
                end(CloseCause.HEARTBEAT_TIMEOUT, "a heartbeat was not acknowledged in time", Duration.ofSeconds(1));
            case IDLE -> end(CloseCause.IDLE_TIMEOUT, "nothing was heard of the client", Duration.ofSeconds(1));
            case STALLED ->
                end(CloseCause.SLOW_CONSUMER, "data waited and the client took none", Duration.ofSeconds(5));
            case TOO_OLD -> tooOld(nowNanos);
        }
    }

    private void tooOld(long nowNanos) {
        if (asked == null) {
            Duration interval = hub.settings().heartbeatInterval();
            Duration move = interval.compareTo(LONGEST_MOVE) < 0 ? interval : LONGEST_MOVE;
            moveUntilNanos = nowNanos + move.toNanos();
            ask(CloseCause.MAX_AGE, move, Duration.ZERO);
        } else if (asked == CloseCause.MAX_AGE && nowNanos - moveUntilNanos >= 0) {
            sendAway(CloseCause.MAX_AGE, "the stream reached its age", Duration.ZERO);
        }
    }

    private boolean expectOpen() {
        if (state == State.NEW) {
            invalid("hello must be the first frame");
        }
        return state == State.OPEN;
    }

    private boolean expectNewId(long subscriptionId) {
        if (subscriptionId == 0) {
            invalid("subscription_id must be > 0, was 0");
            return false;
        }
        if (subscriptions.has(subscriptionId)) {
            invalid("subscription_id must be unique on the stream, " + Long.toUnsignedString(subscriptionId)
                    + " is taken");
            return false;
        }
        return true;
    }

    // --- for its subscriptions ---------------------------------------------------------------------------------------

    void write(Frame frame) {
        outlet.write(frame);
    }

    Hub hub() {
        return hub;
    }

    // --- for operators -----------------------------------------------------------------------------------------------

    /** Where everything of the stream happens; {@link #figures} is asked there. Any thread. */
    public Executor executor() {
        return outlet.executor();
    }

    /** How the stream stands now. */
    public StreamFigures figures() {
        long published = hub.published();
        Backlog backlog = subscriptions.backlog();
        boolean syncing = subscriptions.awaitAnswer();
        return new StreamFigures(
                id,
                peer,
                client,
                state,
                condition(backlog.changes() > 0 || syncing),
                subscriptions.lowestStep(),
                syncing,
                subscriptions.size(),
                clock.ageNanos(),
                clock.idleNanos(),
                clock.stalledNanos(),
                subscriptions.writtenUpTo(published),
                acknowledged < 0 ? null : acknowledged,
                backlog.changes(),
                backlog.bytes(),
                backlog.changes() > 0 ? hub.now() - backlog.sinceNanos() : 0,
                previousClose);
    }

    private StreamCondition condition(boolean behind) {
        if (clock.stalledNanos() > 0) {
            return StreamCondition.STALLED;
        }
        return behind ? StreamCondition.LAGGING : StreamCondition.LIVE;
    }

    /** How the stream stood when its end was decided; how it stands now while it was not. */
    public StreamFigures lastFigures() {
        return lastFigures == null ? figures() : lastFigures;
    }

    /** What the client was told about the end; empty: nothing. */
    public String said() {
        return said;
    }

    /** How its subscriptions stand now, at most so many. */
    public List<SubscriptionFigures> subscriptionFigures(int limit) {
        long published = hub.published();
        return subscriptions.all().stream()
                .limit(limit)
                .map(subscription -> subscription.figures(published))
                .toList();
    }

    /** Whether one of its subscriptions is what a filter asks for. */
    boolean watches(StreamFilter filter) {
        for (Subscription subscription : subscriptions.all()) {
            if (filter.matches(subscription.interest())) {
                return true;
            }
        }
        return false;
    }

    String peer() {
        return peer;
    }

    public String id() {
        return id;
    }

    public State state() {
        return state;
    }
}
