package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.StoreTrouble;
import io.registrycenter.view.Freshness;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this server and the store reach each other, as far as it concerns sessions.
 *
 * <pre>
 *            the store does not answer, or the view is stale
 *   IN_REACH ----------------------------------------------> CUT_OFF
 *      ^------------present, current and seen by itself---------'
 * </pre>
 *
 * A server that is cut off takes no session, ends none, and asks its clients to try another server. The only server there can
 * be ({@link Presence#ALONE}) is never cut off.
 *
 * <p>{@link #look} and {@link #leaving} are called by one thread at a time, the rest by any.
 */
final class Reach {

    private static final Logger log = LoggerFactory.getLogger(Reach.class);

    private enum State {
        IN_REACH,
        CUT_OFF
    }

    /** Over this time the clients of a server that is cut off are asked to come to another one. */
    static final Duration SPREAD = Duration.ofSeconds(10);

    private static final int SLOTS = 64;

    private final RecordKey.OfNode self;
    private final View view;
    private final Duration orphanGrace;
    private volatile Presence presence = Presence.ALONE;
    private State state = State.IN_REACH;
    private boolean leaving;

    Reach(String node, View view, Duration orphanGrace) {
        self = new RecordKey.OfNode(node);
        this.view = view;
        this.orphanGrace = orphanGrace;
    }

    void announced(Presence now) {
        presence = now;
    }

    /** Whether there can be no other server. */
    boolean alone() {
        return presence.equals(Presence.ALONE);
    }

    /** Whether it is this server that removes what dead ones leave behind. */
    boolean reaper() {
        return !alone() && presence.oldest();
    }

    /** Why no session can be opened or resumed here now; null: it can. */
    @Nullable
    Refusal refusal() {
        return lost()
                ? new Refusal.Unavailable(
                        CloseCause.SERVER_BEHIND,
                        "this server does not reach its store; another one may",
                        StoreTrouble.RETRY_AFTER)
                : null;
    }

    /** Says to the other servers that this one is leaving, or is not, and no more that it is there while its view is stale. */
    void leaving(boolean now) {
        presence.able(!view.freshness().stale());
        if (leaving != now) {
            leaving = now;
            presence.draining(now);
        }
    }

    /**
     * Looks how it stands, and asks these links to move when it has become bad.
     *
     * @return whether this server may end sessions: the others can see it, and it sees what they do
     */
    boolean look(Collection<SessionLink> links) {
        boolean settled = settled();
        switch (state) {
            case IN_REACH -> {
                if (lost()) {
                    state = State.CUT_OFF;
                    log.warn(
                            "This server does not reach its store: it takes no session, ends none, and asks {} clients to try"
                                    + " another server.",
                            links.size());
                    links.forEach(this::askToMove);
                }
            }
            case CUT_OFF -> {
                if (settled) {
                    state = State.IN_REACH;
                    log.info("This server reaches its store again: every session gets a full TTL.");
                }
            }
        }
        return settled && state == State.IN_REACH;
    }

    private void askToMove(SessionLink link) {
        Duration after = SPREAD.dividedBy(SLOTS).multipliedBy(link.number() % SLOTS);
        link.executor().execute(() -> link.drain(CloseCause.SERVER_BEHIND, orphanGrace, after));
    }

    private boolean lost() {
        return !alone()
                && (presence.state() != Presence.State.PRESENT
                        || view.freshness().stale());
    }

    /** A server whose own sign of life is not in its view may be dead for the others. */
    private boolean settled() {
        return alone()
                || (presence.state() == Presence.State.PRESENT
                        && view.freshness() == Freshness.CURRENT
                        && view.record(self) != null);
    }
}
