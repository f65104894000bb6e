package io.registrycenter.drain;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.drain.Connections.Connection;
import io.registrycenter.drain.Connections.Gate;
import io.registrycenter.drain.DrainStatus.Requester;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves gracefully: refuses new streams, tells every client when to move, sends connection by connection away at its slot,
 * ends what is left at the deadline. Sessions stay in the store, for whoever serves them next.
 *
 * <p>Nothing happens by itself: {@link #tick} moves it on. Any thread. What moves it holds the monitor for a walk over the
 * connections and a line in the log; {@link #state} and {@link #status} never wait for it.
 */
public final class Drain {

    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private static final String LEAVING = "the server is leaving";
    private static final String TOO_LATE = "the server is leaving and could not wait any longer";
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final int LAGGARDS_NAMED = 10;

    private record Slot(Connection connection, long nanos) {}

    /**
     * How far it is, for everybody to read. Immutable.
     *
     * @param requestedBy null while the server serves
     * @param sentAwayBefore connections that were sent away when it began
     */
    private record Standing(
            DrainState state, @Nullable Requester requestedBy, long beganNanos, long sentAwayBefore, int forced) {

        static final Standing SERVING = new Standing(DrainState.SERVING, null, 0, 0, 0);

        Standing began(Requester by, long nowNanos, long sentAway) {
            return new Standing(state.to(DrainState.ASKING), by, nowNanos, sentAway, 0);
        }

        Standing to(DrainState next) {
            return new Standing(state.to(next), requestedBy, beganNanos, sentAwayBefore, forced);
        }

        Standing by(Requester other) {
            return new Standing(state, other, beganNanos, sentAwayBefore, forced);
        }

        Standing forced(int streams) {
            return new Standing(state, requestedBy, beganNanos, sentAwayBefore, streams);
        }

        boolean leaving() {
            return state == DrainState.ASKING || state == DrainState.MOVING;
        }
    }

    private final Connections connections;
    private final Duration timeout;
    private final LongSupplier nanoTime;
    private final Consumer<Boolean> serving;

    /** Written under the monitor. */
    private volatile Standing standing = Standing.SERVING;

    @GuardedBy("this")
    private Duration retryWithin = Duration.ZERO;

    /** Whose turn is still to come, in order. */
    @GuardedBy("this")
    private final ArrayDeque<Slot> slots = new ArrayDeque<>();

    @GuardedBy("this")
    private CompletableFuture<Void> over = new CompletableFuture<>();

    /**
     * @param timeout from the begin to the forced end of what is left
     * @param nanoTime monotonic clock
     * @param serving told, before anything else happens, whether new clients should come here; must not block
     */
    public Drain(Connections connections, Duration timeout, LongSupplier nanoTime, Consumer<Boolean> serving) {
        this.connections = connections;
        this.timeout = timeout;
        this.nanoTime = nanoTime;
        this.serving = serving;
    }

    public DrainState state() {
        return standing.state();
    }

    /**
     * Begins to leave, or joins the drain that runs.
     *
     * @return completes when no stream is left; never, when the drain is cancelled
     */
    public synchronized CompletableFuture<Void> begin(Requester by) {
        DrainState state = state();
        if (state == DrainState.SERVING) {
            start(by);
        } else if (by == Requester.SHUTDOWN && standing.requestedBy() != by) {
            standing = standing.by(by);
            log.info("Drain: the process stops, the drain that runs goes on ({})", state);
            if (state == DrainState.DRAINED) {
                sendAwayTheRest();
            }
        }
        return over;
    }

    @GuardedBy("this")
    private void start(Requester by) {
        standing = standing.began(by, nanoTime.getAsLong(), connections.sentAway());
        over = new CompletableFuture<>();
        serving.accept(false);
        retryWithin = new Pace(timeout, connections.open().size()).retryWithin();
        connections.gate(Gate.REFUSING, retryWithin);
        List<Connection> carrying = new ArrayList<>();
        for (Connection connection : connections.open()) {
            if (connection.streams() > 0) {
                carrying.add(connection);
            }
        }
        Pace pace = new Pace(timeout, carrying.size());
        for (int i = 0; i < carrying.size(); i++) {
            Connection connection = carrying.get(i);
            slots.add(new Slot(connection, pace.slotNanos(i)));
            connection.ask(CloseCause.DRAINING, timeout, pace.reconnectAfter(i));
        }
        log.info(
                "Drain: {} streams on {} connections are asked to move, the last at {} ms; deadline {} ms",
                streams(),
                carrying.size(),
                carrying.isEmpty() ? 0 : pace.slotNanos(carrying.size() - 1) / 1_000_000,
                timeout.toMillis());
        tick();
    }

    /** Goes back to serving; false when it is too late: a connection was sent away, or the process stops. */
    public synchronized boolean cancel() {
        Standing now = standing;
        if (now.state() == DrainState.SERVING) {
            return true;
        }
        if (!cancellable(now)) {
            return false;
        }
        var unused = now.to(DrainState.SERVING);
        standing = Standing.SERVING;
        slots.clear();
        connections.gate(Gate.OPEN, Duration.ZERO);
        serving.accept(true);
        log.info("Drain: cancelled, the server serves again");
        return true;
    }

    private boolean cancellable(Standing now) {
        return (now.state() == DrainState.ASKING || now.state() == DrainState.DRAINED)
                && now.requestedBy() != Requester.SHUTDOWN
                && sentAway(now) == 0;
    }

    /** Does what is due. Called every 20..250 ms. */
    public synchronized void tick() {
        if (!standing.leaving()) {
            return;
        }
        long passed = nanoTime.getAsLong() - standing.beganNanos();
        if (streams() == 0) {
            finish(passed);
            return;
        }
        Slot next = slots.peek();
        if (state() == DrainState.ASKING && (next == null || next.nanos() <= passed)) {
            standing = standing.to(DrainState.MOVING);
            connections.gate(Gate.SENDING_AWAY, retryWithin);
        }
        while (next != null && next.nanos() <= passed) {
            slots.remove();
            next.connection().sendAway(LEAVING, RETRY_AFTER);
            next = slots.peek();
        }
        if (next == null) {
            // Also those whose stream began in the very moment when the gate closed.
            sendAwayTheRest();
        }
        if (passed >= timeout.toNanos()) {
            force();
            finish(passed);
        }
    }

    @GuardedBy("this")
    private void force() {
        List<String> laggards = new ArrayList<>();
        int forced = 0;
        int more = 0;
        for (Connection connection : connections.open()) {
            int streams = connection.streams();
            if (streams > 0) {
                forced += streams;
                if (laggards.size() < LAGGARDS_NAMED) {
                    laggards.add(connection.peer() + " (" + streams + ")");
                } else {
                    more++;
                }
                connection.sendAway(LEAVING, RETRY_AFTER);
                connection.force(TOO_LATE, RETRY_AFTER);
            }
        }
        standing = standing.forced(forced);
        log.warn(
                "Drain: {} streams were still open at the deadline and end with DRAIN_FORCED: {}{}. Their clients did not read;"
                        + " raise registry.drain.timeout if they need longer.",
                forced,
                String.join(", ", laggards),
                more == 0 ? "" : " and " + more + " more connections");
    }

    @GuardedBy("this")
    private void finish(long passedNanos) {
        standing = standing.to(DrainState.DRAINED);
        slots.clear();
        connections.gate(Gate.SENDING_AWAY, retryWithin);
        sendAwayTheRest();
        log.info("Drain: done after {} ms, {} streams forced", passedNanos / 1_000_000, standing.forced());
        over.complete(null);
    }

    /** Those without a slot: most carry no stream and hold nobody up. */
    @GuardedBy("this")
    private void sendAwayTheRest() {
        connections.open().forEach(connection -> connection.sendAway(LEAVING, RETRY_AFTER));
    }

    private int streams() {
        return connections.open().stream().mapToInt(Connection::streams).sum();
    }

    private long sentAway(Standing now) {
        return connections.sentAway() - now.sentAwayBefore();
    }

    /** How the drain stands now. Waits for nothing. */
    public DrainStatus status() {
        Standing now = standing;
        boolean serving = now.state() == DrainState.SERVING;
        long left = timeout.toNanos() - (nanoTime.getAsLong() - now.beganNanos());
        return new DrainStatus(
                now.state(),
                now.requestedBy(),
                streams(),
                connections.open().size(),
                serving ? 0 : sentAway(now),
                now.forced(),
                serving ? null : now.leaving() ? Math.max(0, left / 1_000_000) : 0L,
                cancellable(now));
    }
}
