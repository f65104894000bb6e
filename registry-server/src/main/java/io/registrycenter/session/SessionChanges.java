package io.registrycenter.session;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.AppliedCommit.NodeChange;
import io.registrycenter.view.AppliedCommit.SessionChange;
import io.registrycenter.view.CommitListener;
import io.registrycenter.view.View;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the history tells about sessions: records of this server's own, adoptions by others, ends, lost instances, and servers
 * that come back. Called on the applier thread.
 */
final class SessionChanges implements CommitListener {

    private final String node;
    private final View view;
    private final Watched watched;
    private final LostMemory lost;
    private final Orphans orphans;
    private final ExpiryBrake brake;
    private final Function<Held, Session> watch;
    private final Consumer<Session> remove;
    private volatile boolean live;

    /**
     * @param watch a session of this server, known or new
     * @param remove takes a session that is over out of the store
     */
    SessionChanges(
            String node,
            View view,
            Watched watched,
            LostMemory lost,
            Orphans orphans,
            ExpiryBrake brake,
            Function<Held, Session> watch,
            Consumer<Session> remove) {
        this.node = node;
        this.view = view;
        this.watched = watched;
        this.lost = lost;
        this.orphans = orphans;
        this.brake = brake;
        this.watch = watch;
        this.remove = remove;
    }

    /** What is told from now on happens now; before, it was the past. */
    void live() {
        live = true;
    }

    @Override
    public void applied(AppliedCommit commit) {
        for (InstanceChange change : commit.instances()) {
            if (!change.beforeSession().equals(change.afterSession())) {
                moved(change);
            }
        }
        for (SessionChange change : commit.sessions()) {
            changed(change, commit.revision());
        }
        for (NodeChange change : commit.nodes()) {
            if (change.node() != null) {
                present(change.owner());
            }
        }
    }

    /**
     * The view was replaced: the difference says what happened to sessions, as far as it can be known. Then each session is compared
     * with its record, since a fault may have kept this server from what it was told before.
     */
    @Override
    public void replaced(AppliedCommit difference) {
        applied(difference);
        for (Session session : watched.all()) {
            StoredRecord stored = view.record(new RecordKey.OfSession(session.id));
            if (stored == null || stored.revision() > session.revision()) {
                compared(session.id, stored);
            }
        }
        for (String id : view.ownedBy(node)) {
            StoredRecord stored = view.record(new RecordKey.OfSession(id));
            if (stored != null && watched.get(id) == null) {
                compared(id, stored);
            }
        }
    }

    private void compared(String sessionId, @Nullable StoredRecord stored) {
        SessionRecord record = stored != null && stored.value() instanceof SessionRecord known ? known : null;
        changed(new SessionChange(sessionId, null, record), stored == null ? 0 : stored.revision());
    }

    private void moved(InstanceChange change) {
        if (!change.afterSession().isEmpty()) {
            lost.registeredAgain(change.afterSession(), change.key());
        }
        LostReason reason = change.after() != null
                ? LostReason.REPLACED
                : change.reason() == RemovalReason.ADMIN ? LostReason.ADMIN : null;
        Instance before = change.before();
        if (before == null || reason == null) {
            return;
        }
        Loss loss = new Loss(reason, before.createdRevision());
        // First remembered, then told: a link that attaches in between reads the memory after it has attached.
        lost.lost(change.beforeSession(), change.key(), loss);
        Session session = watched.get(change.beforeSession());
        SessionLink link = session == null ? null : session.link();
        if (link != null) {
            link.lost(change.key(), loss);
        }
    }

    private void changed(SessionChange change, long revision) {
        SessionRecord after = change.after();
        if (after == null) {
            lost.ended(change.sessionId());
            overtaken(change.sessionId(), null);
        } else if (after.closing()) {
            overtaken(change.sessionId(), after.closingFor());
        } else if (after.owner().equals(node)) {
            recorded(Held.of(change.sessionId(), revision, after));
        } else {
            orphans.alive(after.owner());
            adoptedElsewhere(change.sessionId(), revision, after.fence());
        }
    }

    /** The record is closing or gone. Mostly by this server's own removal: then the session is over already. */
    private void overtaken(String sessionId, @Nullable RemovalReason closingFor) {
        Session session = watched.get(sessionId);
        boolean here = session != null && !session.state().alive();
        if (closingFor == RemovalReason.SESSION_EXPIRED && !here && live) {
            brake.vanishedElsewhere();
        }
        if (session != null && session.state().alive()) {
            session.overtaken(closingFor);
            remove.accept(session);
        }
    }

    /** Ours, durably: also when the answer of the store was lost, so that no session is left without somebody who watches. */
    void recorded(Held held) {
        Session session = watch.apply(held);
        if (!session.recorded(held)) {
            watched.forget(session);
            var unused = watch.apply(held);
        }
    }

    private void adoptedElsewhere(String sessionId, long revision, long fence) {
        Session session = watched.get(sessionId);
        if (session != null && session.revision() < revision) {
            watched.forget(session);
            SessionLink link = session.takeLink();
            if (link != null && session.fence() < fence) {
                link.superseded(fence);
            } else if (link != null) {
                link.moved();
            }
        }
    }

    /** A server made its sign of life, or made it again: its sessions are its own. */
    private void present(String owner) {
        orphans.alive(owner);
        RecordKey.OfNode key = new RecordKey.OfNode(owner);
        for (Session session : watched.all()) {
            if (key.equals(session.orphanOf()) && session.state().alive()) {
                watched.forget(session);
            }
        }
    }
}
