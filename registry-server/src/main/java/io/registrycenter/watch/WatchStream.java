package io.registrycenter.watch;

import io.registrycenter.catalog.AskedToMove;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;
import java.util.HexFormat;
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
 * <p>Every method is called on {@link Outlet#loop()}. Nothing is queued for a slow client but its place on the rings: a
 * message is made only when the transport takes it.
 */
public final class WatchStream {

    private static final Logger log = LoggerFactory.getLogger(WatchStream.class);

    private static final int CURSORS_IN_AN_END = 100;

    /** Name of the limit, as clients and operators know it. */
    public static final String SUBSCRIPTIONS_PER_STREAM = "subscriptions-per-stream";

    private final Hub hub;
    private final Lane lane;
    private final Outlet outlet;
    private final long id;
    private final StreamClock clock;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Outbox outbox;
    private StreamState state = StreamState.NEW;
    private ClientInfo client = ClientInfo.UNKNOWN;

    /** The newest revision the client said to have applied; -1: it did not say. */
    private long acknowledged = -1;

    // What few streams have, or only when they end, is made when it is needed: there are many idle ones.
    private @Nullable PreviousClose previousClose;
    private @Nullable Moving moving;
    private @Nullable Ended ended;

    /** Its place among the lane's streams. Owned by {@link Lane}. */
    int laneIndex;

    WatchStream(Hub hub, Lane lane, Outlet outlet, long id, StreamClock clock) {
        this.hub = hub;
        this.lane = lane;
        this.outlet = outlet;
        this.id = id;
        this.clock = clock;
        this.outbox = new Outbox(outlet);
    }

    // --- what the client says ----------------------------------------------------------------------------------------

    /**
     * The first frame. A second one breaks the grammar.
     *
     * @param previous what the client saw of the end of its previous stream; null: it does not say
     * @param known what this server knows of that end; null: nothing
     */
    public void hello(ClientInfo who, @Nullable PreviousClose previous, @Nullable PreviousEnd known) {
        clock.received();
        if (state != StreamState.NEW) {
            invalid("hello was already said");
            return;
        }
        client = who;
        previousClose = previous;
        state = state.to(StreamState.OPEN);
        answer(new Frame.Welcome(id(), hub.cursor(hub.published()), known));
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
        if (!expectOpen() || !subscriptions.isFree(this, subscriptionId)) {
            return;
        }
        subscriptions.open(this, lane, new Subscriptions.Wish(subscriptionId, interest, coalesce), from);
    }

    /** A subscription that breaks a rule: it ends, the stream goes on. */
    public void rejected(long subscriptionId, Refusal why) {
        clock.received();
        if (!expectOpen() || !subscriptions.isFree(this, subscriptionId)) {
            return;
        }
        answer(SubscriptionEnds.refused(subscriptionId, why));
    }

    /** Ends a subscription; one that is not there was ended by us a moment ago, which is fine. */
    public void unsubscribe(long subscriptionId) {
        clock.received();
        if (expectOpen()) {
            subscriptions.forget(this, subscriptionId);
            outbox.dropEnd(subscriptionId);
        }
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
        if (applied != null && applied.epoch().equals(hub.epoch())) {
            acknowledged = applied.revision();
        }
        StreamPulse.acknowledged(this, seq);
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

    private void end(CloseCause cause, String message, Duration retryAfter, Refusal.@Nullable LimitExceeded limit) {
        if (state == StreamState.ENDING || state == StreamState.CLOSED) {
            return;
        }
        StreamEnd end =
                new StreamEnd(cause, message, retryAfter, subscriptions.writtenCursors(CURSORS_IN_AN_END), limit);
        leave(cause, message);
        state = state.to(StreamState.ENDING);
        outlet.end(end);
    }

    /** Asks the client to make its next stream, elsewhere or after a while; this one goes on delivering. */
    public void ask(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        moving().ask(new AskedToMove(cause, deadline, hub.now()));
        answer(new Frame.Drain(cause, deadline, reconnectAfter));
    }

    /** Ends the stream as soon as everything that waits for the client is written: now, or when the transport has taken it. */
    public void sendAway(CloseCause cause, String message, Duration retryAfter) {
        moving().say(new Moving.Farewell(cause, message, retryAfter));
        drain();
    }

    /** Ends the stream now, whatever waits, and resets it: a planned end that has not got through counts as this one. */
    public void force(CloseCause cause, String message, Duration retryAfter) {
        end(cause, message, retryAfter);
        if (state == StreamState.ENDING && ended != null) {
            ended = ended.forced(cause);
            outlet.reset();
        }
    }

    private Moving moving() {
        Moving now = moving == null ? new Moving() : moving;
        moving = now;
        return now;
    }

    /**
     * The transport is gone: the one place where everything of the stream is cleaned. Idempotent; the first cause wins, unless
     * it was a silence that this explains.
     *
     * @return the cause that won
     */
    public CloseCause close(CloseCause cause) {
        if (ended != null && state != StreamState.CLOSED) {
            ended = ended.heard(cause);
        }
        CloseCause won = leave(moving == null ? cause : moving.causeOf(cause, hub.now()), "");
        if (state != StreamState.CLOSED) {
            state = state.to(StreamState.CLOSED);
            lane.remove(this);
            hub.stats().streams.decrement();
            hub.stats().closed(won);
            hub.closed(this);
        }
        return won;
    }

    private CloseCause leave(CloseCause cause, String said) {
        Ended how = ended == null ? new Ended(cause, said, hub.now(), figures()) : ended;
        ended = how;
        subscriptions.endAll(hub);
        outbox.clear();
        return how.cause();
    }

    // --- writing -----------------------------------------------------------------------------------------------------

    /** A scope has news for one of the subscriptions. */
    void wake(Subscription subscription) {
        outbox.add(subscription);
        drain();
    }

    /** Queues an answer to the client, while the stream is open. */
    void answer(Frame frame) {
        if (state != StreamState.OPEN) {
            return;
        }
        if (outbox.add(frame)) {
            drain();
        } else {
            Refusal.LimitExceeded limit = Outbox.tooManyAnswers();
            end(CloseCause.LIMIT_EXCEEDED, String.valueOf(limit.getMessage()), limit.retryAfter(), limit);
        }
    }

    /** Writes while the transport takes it. */
    private void drain() {
        boolean done = false;
        try {
            done = outbox.drain(this);
        } catch (RuntimeException | Error fault) {
            failed(fault);
        }
        if (done && moving != null && outbox.isEmpty()) {
            moving.leave(this);
        }
    }

    /** A fault of this server while it served the stream. */
    void failed(Throwable fault) {
        log.error("watch stream {} of {} failed", id(), peer(), fault);
        hub.stats().faults.increment();
        end(CloseCause.SERVER_FAULT, "a fault of the server", Duration.ofSeconds(1));
    }

    /** Moves the clocks and does what they ask for. */
    void tick(long nowNanos) {
        if (ended != null) {
            ended.tick(nowNanos, hub.settings().resetAfter(), outlet);
            return;
        }
        subscriptions.tick(nowNanos);
        boolean held = clock.awaitsAck() && !outlet.heartbeatLeft();
        boolean ready = outlet.ready();
        boolean stuck = held || (!ready && !outbox.isEmpty());
        StreamClock.Verdict verdict = stuck && outlet.starved()
                ? clock.pause(nowNanos)
                : clock.tick(nowNanos, ready, !outbox.isEmpty(), held);
        if (verdict == StreamClock.Verdict.HEARTBEAT_DUE) {
            if (state == StreamState.OPEN) {
                outbox.heartbeatDue();
                drain();
            }
        } else if (verdict == StreamClock.Verdict.TOO_OLD) {
            moving().tooOld(this, nowNanos, hub.settings().heartbeatInterval());
        } else {
            StreamPulse.end(this, verdict);
        }
    }

    /** Whether the ladder is deciding: data waits and is not taken, or the end has not got through yet. */
    public boolean isHeldBack() {
        return switch (state) {
            case NEW, OPEN -> clock.stalledNanos() > 0;
            case ENDING -> true;
            case CLOSED -> false;
        };
    }

    private boolean expectOpen() {
        if (state == StreamState.NEW) {
            invalid("hello must be the first frame");
        }
        return state == StreamState.OPEN;
    }

    void write(Frame frame) {
        outlet.write(frame);
        lane.wrote(frame.sharedBytes());
    }

    Hub hub() {
        return hub;
    }

    Outbox outbox() {
        return outbox;
    }

    /** Where everything of the stream happens; {@link #figures} is asked there. Any thread. */
    public Executor executor() {
        return outlet.loop();
    }

    /** How the stream stands now. */
    public StreamFigures figures() {
        return StreamLook.figures(this);
    }

    /** How the stream stood when its end was decided; how it stands now while it was not. */
    public StreamFigures lastFigures() {
        return ended == null ? figures() : ended.figures();
    }

    /** What the client was told about the end; empty: nothing. */
    public String said() {
        return ended == null ? "" : ended.said();
    }

    /** How its subscriptions stand now, at most so many. */
    public List<SubscriptionFigures> subscriptionFigures(int limit) {
        return StreamLook.subscriptions(this, limit);
    }

    /** What tells it from other streams, of this server and of all. Any thread. */
    public String id() {
        return HexFormat.of().toHexDigits(id);
    }

    long number() {
        return id;
    }

    String peer() {
        return outlet.peer();
    }

    public StreamState state() {
        return state;
    }

    ClientInfo client() {
        return client;
    }

    @Nullable
    PreviousClose previousClose() {
        return previousClose;
    }

    StreamClock clock() {
        return clock;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    /** -1: the client did not say. */
    long acknowledged() {
        return acknowledged;
    }
}
