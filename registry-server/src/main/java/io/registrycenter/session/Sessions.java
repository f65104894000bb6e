package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.CommitListener;
import io.registrycenter.view.Standstill;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every session this server watches over: those whose records name it as their owner. Where there are several servers, the
 * others' are known from the view, and taken over when their clients come here ({@link Adoptions}) or, by one of the servers,
 * when their server is dead and their grace is over ({@link Orphans}).
 *
 * <p>Life is kept in memory, on the monotonic clock that is passed in: {@link Session}, {@link DeadlineWheel},
 * {@link Expiry}. The store is written when a session is opened, adopted or removed, never for a heartbeat:
 * {@link SessionRecords}, {@link SessionRemoval}.
 *
 * <p>Any thread, except where a method says otherwise; nothing blocks.
 */
public final class Sessions implements CommitListener {

    private final String node;
    private final Store store;
    private final View view;
    private final KnownHistory history;
    private final SessionSettings settings;
    private final LongSupplier nanoTime;
    private final long origin;

    private final StateCounts counts = new StateCounts();
    private final DeadlineWheel wheel = new DeadlineWheel();
    private final Watched watched = new Watched(counts, wheel);
    private final LostMemory lost = new LostMemory();
    private final SessionLinks links = new SessionLinks();

    private final Standstill standstill;
    private final Reach reach;
    private final Adoptions adoptions;
    private final SessionRecords records;
    private final Removals removals;
    private final ExpiryBrake brake;
    private final Expiry expiry;
    private final Orphans orphans;
    private final SessionChanges changes;
    private final SessionStats stats;

    /**
     * @param node who this server process is: name and a number new with each start
     * @param nanoTime the monotonic clock
     * @param newIds unguessable session ids, see {@link SessionIds}
     * @param executor where removals go on; queues, and never runs a task inside {@code execute}
     */
    public Sessions(
            String node,
            Store store,
            View view,
            SessionSettings settings,
            LongSupplier nanoTime,
            Supplier<String> newIds,
            Executor executor) {
        this.node = node;
        this.store = store;
        this.view = view;
        this.history = new KnownHistory(view);
        this.settings = settings;
        this.nanoTime = nanoTime;
        origin = nanoTime.getAsLong();
        standstill = new Standstill(nanoTime, settings.pause());
        reach = new Reach(node, view, settings.orphanGrace());
        adoptions = new Adoptions(store, view, executor);
        records = new SessionRecords(node, store, adoptions, newIds);
        removals = new Removals(store, view, executor, wheel, this::removalEnded);
        brake = new ExpiryBrake(settings.brake());
        expiry = new Expiry(wheel, brake, this::alive, settings, this::timeUp);
        orphans = new Orphans(
                node, view, settings.orphanGrace(), watched, settings.brake().perSecond());
        changes = new SessionChanges(node, view, watched, lost, orphans, brake, this::watch, this::remove);
        stats = new SessionStats(node, view, watched, counts, brake, expiry, adoptions, lost, this::now);
    }

    /** A link for a stream that was just accepted. */
    public SessionLink attach(SessionOutlet outlet) {
        return links.open(this, outlet);
    }

    /** The links whose stream is open. */
    public SessionLinks links() {
        return links;
    }

    /** Whether this server stood still lately; sweeps are its signs. */
    public Standstill standstill() {
        return standstill;
    }

    /** What operators are told. */
    public SessionStats stats() {
        return stats;
    }

    /**
     * The view has caught up, the other servers can see this one, and clients may come. Called once, before the first
     * {@link #sweep}.
     *
     * <p>Where there can be no other server, every session in the view is suspect with the restart grace from now on, and
     * removals that a former process began are taken up. Otherwise they are the others', or orphans.
     */
    public void ready(Presence presence) {
        long now = now();
        expiry.start(now);
        standstill.begin();
        reach.announced(presence);
        changes.live();
        if (!reach.alone()) {
            return;
        }
        long until = now + settings.restartGrace().toNanos();
        for (StoredRecord stored : view.sessions()) {
            if (stored.key() instanceof RecordKey.OfSession key && stored.value() instanceof SessionRecord record) {
                Session session = watched.own(Held.of(key.sessionId(), stored.revision(), record), until);
                if (record.closing()) {
                    session.overtaken(record.closingFor());
                    remove(session);
                }
            }
        }
    }

    /** Ends sessions whose time is up. Called every 250 ms to 1 s by one thread at a time. */
    public void sweep() {
        var unused = standstill.lately();
        long now = now();
        reach.leaving(false);
        boolean stoodStill = expiry.stoodStill(now);
        if (!reach.look(links.open()) || store.writeObstacle() != null) {
            // Nor is anybody's time up while a store that takes no commits lets no client resume.
            orphans.restart();
            expiry.hold(now);
            return;
        }
        if (stoodStill || !reach.reaper()) {
            orphans.restart();
        }
        if (reach.reaper()) {
            orphans.sweep(now);
        }
        expiry.sweep(now);
        orphans.due(now, this::remove);
    }

    /** Lets go what the expiry brake holds, at its pace; false when it holds nothing. */
    public boolean release() {
        return brake.release();
    }

    /**
     * In place of {@link #sweep} while this server refuses clients: nobody's time is up because of that. The first sweep after
     * it gives every session a full TTL.
     */
    public void hold() {
        var unused = standstill.lately();
        reach.leaving(true);
        orphans.restart();
        expiry.hold(now());
    }

    /** On the applier thread. */
    @Override
    public void applied(AppliedCommit commit) {
        changes.applied(commit);
    }

    /** On the applier thread. */
    @Override
    public void replaced(AppliedCommit difference) {
        changes.replaced(difference);
    }

    // --- for links, on their executors -------------------------------------------------------------------------------

    /** @throws Refusal when no session can be opened or resumed here now */
    void mayTake() {
        Refusal refusal = reach.refusal();
        if (refusal != null) {
            throw refusal;
        }
    }

    SessionRecords records() {
        return records;
    }

    SessionSettings settings() {
        return settings;
    }

    /** Nanoseconds since this object was made. */
    long now() {
        return nanoTime.getAsLong() - origin;
    }

    Cursor cursor() {
        return view.cursor();
    }

    /** See {@link KnownHistory#otherThanOf}. */
    CompletableFuture<Boolean> otherHistory(Held held, @Nullable Cursor from) {
        return history.otherThanOf(held, from);
    }

    Opened opened(Held held, boolean otherHistory) {
        return new Opened(
                held.sessionId(),
                held.fence(),
                held.ttl(),
                settings.heartbeatInterval(held.ttl()),
                settings.reconnectGrace(),
                serverGrace(),
                otherHistory);
    }

    /** When this server ends the link, or ends: whichever comes, its own grace or that of the others. */
    private Duration serverGrace() {
        Duration restart = settings.restartGrace();
        Duration orphan = settings.orphanGrace();
        return reach.alone() || restart.compareTo(orphan) < 0 ? restart : orphan;
    }

    Map<InstanceKey, Loss> lostBy(String sessionId) {
        return lost.of(sessionId);
    }

    /** A resume has arrived: a client that reached a server in time is never removed because the store is slow. */
    void resuming(String sessionId, long fence, String attempt) {
        Session session = watched.get(sessionId);
        if (session != null) {
            long now = now();
            session.resuming(
                    fence, attempt, now, now + settings.reconnectGrace().toNanos());
        }
    }

    /** The session of this link, active; null when a newer link or fence came first. */
    @Nullable
    Session hold(SessionLink link, Held held) {
        while (true) {
            Session session = watch(held);
            if (session.attach(link, held, now())) {
                if (!movedOn(held)) {
                    return session;
                }
                watched.forget(session);
                return null;
            }
            if (session.watched() && session.state().alive() && session.orphanOf() == null) {
                return null;
            }
            // The store has accepted this adoption, so an end that was decided here has lost against it.
            watched.forget(session);
        }
    }

    /** Whether another server has taken it since, as the view knows; what it learns later is told by {@link SessionChanges}. */
    boolean movedOn(Held held) {
        StoredRecord stored = view.record(new RecordKey.OfSession(held.sessionId()));
        return stored != null
                && stored.value() instanceof SessionRecord record
                && stored.revision() > held.revision()
                && !record.owner().equals(node);
    }

    /** Durable, but its link is gone: a new session nobody was told of goes at once, a resumed one has its grace. */
    void heldWithoutLink(Held held, boolean isNew) {
        Session session = watch(held);
        if (isNew) {
            session.discard();
            remove(session);
        } else {
            changes.recorded(held);
        }
    }

    void detached(Session session, SessionLink link, CloseCause cause) {
        Duration grace = switch (cause) {
            // This server ended the stream.
            case DRAINING, DRAIN_FORCED, MAX_AGE, KICKED, SERVER_FAULT -> settings.restartGrace();
            default -> settings.reconnectGrace();
        };
        session.detach(link, now() + grace.toNanos());
    }

    /** The link's stream is over. */
    void ended(SessionLink link) {
        links.closed(link);
    }

    void leave(Session session, SessionLink link) {
        if (session.close(link)) {
            remove(session);
        }
    }

    // --- ends --------------------------------------------------------------------------------------------------------

    private Session watch(Held held) {
        long until = now() + settings.reconnectGrace().toNanos();
        return watched.own(held, until);
    }

    private int alive() {
        return reach.alone() ? counts.alive() : view.sessionCount();
    }

    private void timeUp(Session session) {
        if (session.orphanOf() == null) {
            remove(session);
        } else {
            orphans.timeUp(session, now());
        }
    }

    private void remove(Session session) {
        if (session.state() == SessionState.EXPIRED) {
            SessionLink link = session.takeLink();
            if (link != null) {
                link.expired();
            }
        }
        removals.remove(session, now());
    }

    private void removalEnded(Session session, SessionRemoval.@Nullable Result result, @Nullable Throwable failure) {
        if (result != null) {
            if (result == SessionRemoval.Result.REMOVED) {
                stats.removed(session);
            }
            watched.forget(session);
        }
        SessionLink leaving = session.takeLink();
        if (leaving != null) {
            if (result == SessionRemoval.Result.ADOPTED) {
                leaving.superseded(session.fence() + 1);
            } else {
                leaving.left(failure);
            }
        }
    }
}
