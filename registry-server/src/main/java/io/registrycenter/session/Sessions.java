package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.AppliedCommit.SessionChange;
import io.registrycenter.view.CommitListener;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every session this server watches over.
 *
 * <p>Life is kept in memory, on the monotonic clock that is passed in: {@link Session}, {@link DeadlineWheel},
 * {@link Expiry}. The store is written when a session is opened, adopted or removed, never for a heartbeat:
 * {@link SessionRecords}, {@link SessionRemoval}.
 *
 * <p>Any thread, except where a method says otherwise; nothing blocks.
 */
public final class Sessions implements CommitListener {

    private final String node;
    private final View view;
    private final SessionSettings settings;
    private final LongSupplier nanoTime;
    private final long origin;

    private final ConcurrentHashMap<String, Session> watched = new ConcurrentHashMap<>();
    private final StateCounts counts = new StateCounts();
    private final DeadlineWheel wheel = new DeadlineWheel();
    private final LostMemory lost = new LostMemory();
    private final AtomicLong links = new AtomicLong();
    private final Set<SessionLink> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong expiredTotal = new AtomicLong();

    private final SessionRecords records;
    private final Removals removals;
    private final ExpiryBrake brake;
    private final Expiry expiry;

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
        this.view = view;
        this.settings = settings;
        this.nanoTime = nanoTime;
        origin = nanoTime.getAsLong();
        records = new SessionRecords(node, store, view, newIds);
        removals = new Removals(store, view, executor, wheel, this::removalEnded);
        brake = new ExpiryBrake(settings.brake());
        expiry = new Expiry(wheel, brake, counts, settings, this::remove);
    }

    /** A link for a stream that was just accepted. */
    public SessionLink attach(SessionOutlet outlet) {
        SessionLink link = new SessionLink(this, outlet, links.incrementAndGet());
        open.add(link);
        return link;
    }

    /** The links whose stream is open; ask each on its executor. */
    public Set<SessionLink> links() {
        return Set.copyOf(open);
    }

    /** The link of this id; null: it is not open. */
    public @Nullable SessionLink link(String id) {
        for (SessionLink link : open) {
            if (link.id().equals(id)) {
                return link;
            }
        }
        return null;
    }

    /** Sessions whose link is gone or silent and that are kept for a grace or by the brake, in no order, at most so many. */
    public List<SuspectFigures> suspects(int limit) {
        long now = now();
        return watched.values().stream()
                .filter(session -> session.state() == SessionState.SUSPECT)
                .limit(limit)
                .map(session -> new SuspectFigures(
                        SessionIds.shortened(session.id),
                        clientOf(session.id),
                        view.instancesOf(session.id).size(),
                        Duration.ofNanos(expiry.deadline(session) - now)))
                .toList();
    }

    private ClientInfo clientOf(String sessionId) {
        StoredRecord stored = view.record(new RecordKey.OfSession(sessionId));
        return stored != null && stored.value() instanceof SessionRecord record ? record.client() : ClientInfo.UNKNOWN;
    }

    /**
     * The view has caught up and clients may come: every session in it is suspect with the restart grace from now on, and
     * removals that a former process began are taken up. Called once, before the first {@link #sweep}.
     */
    public void ready() {
        long now = now();
        expiry.start(now);
        long until = now + settings.restartGrace().toNanos();
        for (StoredRecord stored : view.sessions()) {
            if (stored.key() instanceof RecordKey.OfSession key && stored.value() instanceof SessionRecord record) {
                Session session = watched.computeIfAbsent(
                        key.sessionId(), id -> new Session(Held.of(id, record), until, counts, wheel));
                if (record.closing()) {
                    session.overtaken(record.closingFor());
                    remove(session);
                }
            }
        }
    }

    /** Ends sessions whose time is up. Called every 250 ms to 1 s by one thread at a time. */
    public void sweep() {
        expiry.sweep(now());
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
        expiry.hold(now());
    }

    public int count(SessionState state) {
        return counts.of(state);
    }

    public BrakeState brake() {
        return brake.state();
    }

    /** Sessions whose time is up and that the brake keeps. */
    public int held() {
        return expiry.held();
    }

    /** Sessions that expired and were removed since the start. */
    public long expiredTotal() {
        return expiredTotal.get();
    }

    /** How often this server noticed that it had stood still. */
    public long pauses() {
        return expiry.pauses();
    }

    /** Lost instances that were forgotten for lack of room: their former holders may not be told after a resume. */
    public long lostForgotten() {
        return lost.forgotten();
    }

    /** On the applier thread. */
    @Override
    public void applied(AppliedCommit commit) {
        for (InstanceChange change : commit.instances()) {
            if (!change.beforeSession().equals(change.afterSession())) {
                moved(change);
            }
        }
        for (SessionChange change : commit.sessions()) {
            SessionRecord after = change.after();
            if (after == null) {
                lost.ended(change.sessionId());
                overtaken(change.sessionId(), null);
            } else if (after.closing()) {
                overtaken(change.sessionId(), after.closingFor());
            } else if (!after.owner().equals(node)) {
                adoptedElsewhere(change.sessionId(), after.fence());
            } else {
                recorded(Held.of(change.sessionId(), after));
            }
        }
    }

    private void moved(InstanceChange change) {
        if (!change.afterSession().isEmpty()) {
            lost.registeredAgain(change.afterSession(), change.key());
        }
        LostReason reason = change.after() != null
                ? LostReason.REPLACED
                : change.reason() == RemovalReason.ADMIN ? LostReason.ADMIN : null;
        if (change.beforeSession().isEmpty() || reason == null) {
            return;
        }
        // First remembered, then told: a link that attaches in between reads the memory after it has attached.
        lost.lost(change.beforeSession(), change.key(), reason);
        Session session = watched.get(change.beforeSession());
        SessionLink link = session == null ? null : session.link();
        if (link != null) {
            link.lost(change.key(), reason);
        }
    }

    /** The record is closing or gone. Mostly by this server's own removal: then the session is over already. */
    private void overtaken(String sessionId, @Nullable RemovalReason closingFor) {
        Session session = watched.get(sessionId);
        if (session != null && session.state().alive()) {
            session.overtaken(closingFor);
            remove(session);
        }
    }

    /** Ours, durably: also when the answer of the store was lost, so that no session is left without somebody who watches. */
    private void recorded(Held held) {
        Session session = watch(held);
        if (!session.recorded(held)) {
            forget(session);
            var unused = watch(held);
        }
    }

    private void adoptedElsewhere(String sessionId, long fence) {
        Session session = watched.get(sessionId);
        if (session != null && session.fence() < fence) {
            forget(session);
            SessionLink link = session.takeLink();
            if (link != null) {
                link.superseded(fence);
            }
        }
    }

    // --- for links, on their executors -------------------------------------------------------------------------------

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

    Opened opened(Held held) {
        return new Opened(
                held.sessionId(),
                held.fence(),
                held.ttl(),
                settings.heartbeatInterval(held.ttl()),
                settings.reconnectGrace(),
                settings.restartGrace());
    }

    Map<InstanceKey, LostReason> lostBy(String sessionId) {
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
                return session;
            }
            if (session.watched() && session.state().alive()) {
                return null;
            }
            // The store has accepted this adoption, so an end that was decided here has lost against it.
            forget(session);
        }
    }

    /** Durable, but its link is gone: a new session nobody was told of goes at once, a resumed one has its grace. */
    void heldWithoutLink(Held held, boolean isNew) {
        Session session = watch(held);
        if (isNew) {
            session.discard();
            remove(session);
        } else {
            recorded(held);
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
        open.remove(link);
    }

    void leave(Session session, SessionLink link) {
        if (session.close(link)) {
            remove(session);
        }
    }

    // --- ends --------------------------------------------------------------------------------------------------------

    private Session watch(Held held) {
        long until = now() + settings.reconnectGrace().toNanos();
        return watched.computeIfAbsent(held.sessionId(), id -> new Session(held, until, counts, wheel));
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
            if (result == SessionRemoval.Result.REMOVED && session.state() == SessionState.EXPIRED) {
                expiredTotal.incrementAndGet();
            }
            forget(session);
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

    private void forget(Session session) {
        session.forget();
        watched.remove(session.id, session);
    }
}
