package io.registrycenter.session;

import io.registrycenter.catalog.AskedToMove;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.StoreTrouble;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of one session.
 *
 * <pre>
 *   NEW --open, resume--> OPENING --store--> ATTACHED --goodbye--> LEAVING
 *    `----------------------`-------------------`---------------------`------> ENDED
 * </pre>
 *
 * Confined to the executor of its outlet: every public method is called there, and what comes from elsewhere is queued there.
 *
 * <p>A session has one link. When a second one resumes it, the newer wins and the older ends with FENCED: if both belong to
 * one client, the older is dead and nobody reads it; if not, the older is a copy that must stop.
 */
public final class SessionLink {

    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);

    private enum State {
        /** Nothing was asked for yet. */
        NEW,
        /** The store is writing the session down. */
        OPENING,
        /** Carries the session. */
        ATTACHED,
        /** Said goodbye; the instances are being removed. */
        LEAVING,
        ENDED;

        State to(State next) {
            boolean allowed = switch (this) {
                case NEW -> next == OPENING || next == ENDED;
                case OPENING -> next == ATTACHED || next == ENDED;
                case ATTACHED -> next == LEAVING || next == ENDED;
                case LEAVING -> next == ENDED;
                case ENDED -> false;
            };
            if (!allowed) {
                throw new IllegalStateException("a link does not go from " + this + " to " + next);
            }
            return next;
        }
    }

    private final Sessions sessions;
    private final SessionOutlet outlet;
    private final long number;
    private final long openedNanos;

    private State state = State.NEW;
    private @Nullable Session session;
    private boolean goodbyeSaid;
    private boolean everAttached;
    private ClientInfo client = ClientInfo.UNKNOWN;
    private long heardNanos;

    /** Null: the client was never asked. */
    private @Nullable AskedToMove asked;

    /** @param number grows from link to link */
    SessionLink(Sessions sessions, SessionOutlet outlet, long number) {
        this.sessions = sessions;
        this.outlet = outlet;
        this.number = number;
        openedNanos = sessions.now();
        heardNanos = openedNanos;
    }

    /** How it is named to operators, and found by them; no secret. Any thread. */
    public String id() {
        return "attach-" + number;
    }

    /** Where everything of the link happens. Any thread. */
    public Executor executor() {
        return outlet.executor();
    }

    /** Who said to be calling. */
    public ClientInfo client() {
        return client;
    }

    /** Whether it ever carried a session. */
    public boolean everAttached() {
        return everAttached;
    }

    /** How it stands now. */
    public LinkFigures figures() {
        long now = sessions.now();
        Session own = session;
        return new LinkFigures(
                id(),
                outlet.peer(),
                client,
                state.name(),
                own == null ? "" : SessionIds.shortened(own.id),
                now - openedNanos,
                now - heardNanos);
    }

    long number() {
        return number;
    }

    /**
     * Asks for a new session. What is given keeps its {@code Rules}: the caller has checked it.
     *
     * @param ttl silence allowed; zero: the server's default
     */
    public void open(Duration ttl, ClientInfo client) {
        if (!first()) {
            return;
        }
        try {
            this.client = client;
            sessions.mayTake();
        } catch (Refusal refusal) {
            refused(refusal);
            return;
        }
        await(sessions.records().open(ttl.isZero() ? sessions.settings().ttl() : ttl, client), true, null);
    }

    /**
     * Takes a session over after its link was lost. What is given keeps its {@code Rules}: the caller has checked it.
     *
     * @param fence of the newest {@link Opened} the client received
     * @param attempt random for each lost link, repeated until {@link Opened} arrives
     * @param from the newest cursor the client received by a heartbeat; null: none
     */
    public void resume(String sessionId, long fence, String attempt, ClientInfo client, @Nullable Cursor from) {
        if (!first()) {
            return;
        }
        try {
            this.client = client;
            sessions.mayTake();
        } catch (Refusal refusal) {
            refused(refusal);
            return;
        }
        sessions.resuming(sessionId, fence, attempt);
        await(sessions.records().resume(sessionId, fence, attempt, client), false, from);
    }

    /** Proof of life. */
    public void heartbeat() {
        heardNanos = sessions.now();
        switch (state) {
            case NEW -> grammar("a heartbeat before open or resume");
            case ATTACHED -> {
                Session own = session;
                if (own != null && own.heard(this, sessions.now())) {
                    outlet.heartbeat(sessions.cursor());
                }
            }
            case OPENING, LEAVING, ENDED -> {
                // Proves nothing yet, or no more.
            }
        }
    }

    /** The provider leaves for good: its instances go at once, and the link ends when they are gone. */
    public void goodbye() {
        switch (state) {
            case NEW -> grammar("a goodbye before open or resume");
            case OPENING -> goodbyeSaid = true;
            case ATTACHED -> {
                state = state.to(State.LEAVING);
                Session own = session;
                if (own != null) {
                    sessions.leave(own, this);
                }
            }
            case LEAVING, ENDED -> {
                // Said already.
            }
        }
    }

    /** The stream is over, whoever ended it; further calls do nothing. The session becomes suspect. */
    public void closed(CloseCause cause) {
        if (state == State.ENDED) {
            return;
        }
        state = state.to(State.ENDED);
        sessions.ended(this);
        Session own = session;
        if (own != null) {
            session = null;
            sessions.detached(own, this, cause);
        }
    }

    /** Asks the client to move, before this server ends the link. */
    public void drain(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        if (state != State.ENDED) {
            asked = new AskedToMove(cause, deadline, sessions.now());
            outlet.drain(cause, deadline, reconnectAfter);
        }
    }

    /** Why a stream ended that the transport says ended so: see {@link AskedToMove}. */
    public CloseCause causeOf(CloseCause heard) {
        return AskedToMove.causeOf(heard, asked, sessions.now());
    }

    /** Ends the stream from this side; a second end does nothing. The session becomes suspect. */
    public void end(SessionEnd end) {
        if (state != State.ENDED) {
            closed(end.cause());
            outlet.end(end);
        }
    }

    // --- from other threads: queued on the outlet's executor ---------------------------------------------------------

    void lost(InstanceKey key, Loss loss) {
        outlet.executor().execute(() -> {
            if (state == State.ATTACHED) {
                outlet.lost(key, loss);
            }
        });
    }

    /** Another link has the session, or another server has. */
    void superseded(long newFence) {
        outlet.executor().execute(() -> fenced(newFence));
    }

    /** An earlier try of this client's own resume arrived late, on another server: the session is there, with this fence. */
    void moved() {
        outlet.executor()
                .execute(() -> end(new SessionEnd(
                        CloseCause.SERVER_BEHIND,
                        "the session is on another server by an earlier try of this client: resume it again",
                        Duration.ZERO,
                        null)));
    }

    void expired() {
        outlet.executor().execute(() -> refused(new Refusal.SessionUnknown()));
    }

    /** The goodbye is done; or a failure: this server goes on trying, the client need not wait. */
    void left(@Nullable Throwable failure) {
        outlet.executor().execute(() -> {
            if (failure == null) {
                end(new SessionEnd(CloseCause.CLIENT_COMPLETED, "goodbye", Duration.ZERO, null));
            } else {
                failed(StoreTrouble.asRefusal(failure));
            }
        });
    }

    // --- on the outlet's executor ------------------------------------------------------------------------------------

    private boolean first() {
        if (state == State.NEW) {
            state = state.to(State.OPENING);
            return true;
        }
        grammar("a second open or resume");
        return false;
    }

    private void await(CompletableFuture<Held> held, boolean isNew, @Nullable Cursor from) {
        record Answer(Held held, boolean otherHistory) {}
        var unused = held.thenCompose(
                        session -> sessions.otherHistory(session, from).thenApply(other -> new Answer(session, other)))
                .whenCompleteAsync(
                        (answer, failure) -> {
                            if (failure != null) {
                                failed(failure);
                            } else if (state == State.ENDED) {
                                sessions.heldWithoutLink(answer.held(), isNew);
                            } else {
                                attach(answer.held(), answer.otherHistory());
                            }
                        },
                        outlet.executor());
    }

    private void attach(Held held, boolean otherHistory) {
        Session own = sessions.hold(this, held);
        if (own == null) {
            if (sessions.movedOn(held)) {
                moved();
            } else {
                fenced(held.fence());
            }
            return;
        }
        session = own;
        state = state.to(State.ATTACHED);
        everAttached = true;
        outlet.opened(sessions.opened(held, otherHistory));
        sessions.lostBy(held.sessionId()).forEach(outlet::lost);
        if (goodbyeSaid) {
            goodbye();
        }
    }

    private void grammar(String fault) {
        if (state != State.ENDED) {
            end(new SessionEnd(
                    CloseCause.INVALID_REQUEST, "the stream broke its grammar: " + fault, Duration.ZERO, null));
        }
    }

    private void fenced(long newFence) {
        AskedToMove before = asked;
        if (before != null && before.stands(sessions.now())) {
            end(new SessionEnd(before.cause(), "the session has moved, as it was asked to", Duration.ZERO, null));
            return;
        }
        end(new SessionEnd(
                CloseCause.FENCED, "another link has the session, with fence " + newFence, Duration.ZERO, null));
    }

    /** @param thrown by a stage, or what {@link CompletionException} it was wrapped in on the way */
    private void failed(Throwable thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (failure instanceof Refusal refusal) {
            refused(refusal);
        } else if (state != State.ENDED) {
            log.error("A session's link failed", failure);
            end(new SessionEnd(CloseCause.SERVER_FAULT, "a fault of this server", Duration.ZERO, null));
        }
    }

    private void refused(Refusal refusal) {
        if (state == State.ENDED) {
            return;
        }
        SessionEnd end = SessionEnd.of(refusal);
        if (end.cause() == CloseCause.SESSION_EXPIRED) {
            outlet.expired(end.cause());
        }
        end(end);
    }
}
