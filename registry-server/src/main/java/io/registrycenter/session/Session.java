package io.registrycenter.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * One session as the server that watches over it knows it: its link, and until when it may be silent.
 *
 * <p>Any thread. A heartbeat writes one volatile and takes no lock; everything else holds the monitor, under which only the
 * wheel and an executor's queue are touched. All times are nanoseconds of the clock of {@link Sessions}.
 */
final class Session extends DeadlineWheel.Entry {

    final String id;
    final long ttlNanos;
    private final StateCounts counts;
    private final DeadlineWheel wheel;

    private volatile SessionState state;
    private volatile long lastHeard;

    /** Of the newest record that is known to name it. */
    @GuardedBy("this")
    private long revision;

    @GuardedBy("this")
    private long fence;

    @GuardedBy("this")
    private String attempt;

    /** The server that is gone and left it behind; null: it is this server's own. */
    private final RecordKey.@Nullable OfNode orphanOf;

    @GuardedBy("this")
    private @Nullable SessionLink link;

    /** The newest link it ever had: what arrives late from an older one is refused. */
    @GuardedBy("this")
    private long newestLink;

    @GuardedBy("this")
    private long suspectUntil;

    @GuardedBy("this")
    private @Nullable SessionRemoval removal;

    private volatile boolean forgotten;

    /**
     * Suspect, without a link, until a time.
     *
     * @param orphanOf the server that left it behind: it is removed only as long as that one is absent; null: it is ours
     */
    Session(Held held, long until, RecordKey.@Nullable OfNode orphanOf, StateCounts counts, DeadlineWheel wheel) {
        this.orphanOf = orphanOf;
        id = held.sessionId();
        revision = held.revision();
        fence = held.fence();
        attempt = held.attempt();
        ttlNanos = held.ttl().toNanos();
        this.counts = counts;
        this.wheel = wheel;
        state = SessionState.SUSPECT;
        suspectUntil = until;
        counts.moved(null, state);
        wheel.schedule(this, until);
    }

    SessionState state() {
        return state;
    }

    /** Whether this server still has something to do with it. */
    boolean watched() {
        return !forgotten;
    }

    RecordKey.@Nullable OfNode orphanOf() {
        return orphanOf;
    }

    synchronized long revision() {
        return revision;
    }

    synchronized long fence() {
        return fence;
    }

    /**
     * Active on this link from now on; a link it had before is told that it is superseded.
     *
     * @return false when the session is over or was not ours, or a newer link or record came first
     */
    synchronized boolean attach(SessionLink by, Held held, long now) {
        if (orphanOf != null || !state.alive() || forgotten || held.revision() < revision || by.number() < newestLink) {
            return false;
        }
        SessionLink former = link;
        if (former != null && former != by) {
            former.superseded(held.fence());
        }
        link = by;
        newestLink = by.number();
        revision = held.revision();
        fence = held.fence();
        attempt = held.attempt();
        lastHeard = now;
        move(SessionState.ACTIVE);
        wheel.schedule(this, now + ttlNanos);
        return true;
    }

    /**
     * The store has this about it. A link stays as it is: whoever adopted the session attaches next, or repeats its attempt.
     *
     * @return false when an end that was decided here has lost against that adoption, or it was not ours
     */
    synchronized boolean recorded(Held held) {
        if (orphanOf != null) {
            return false;
        }
        if (held.revision() <= revision) {
            return true;
        }
        if (forgotten || !state.alive()) {
            return false;
        }
        revision = held.revision();
        fence = held.fence();
        attempt = held.attempt();
        return true;
    }

    /** The link is gone; does nothing when it is not this session's link (any more). */
    synchronized void detach(SessionLink by, long until) {
        if (link == by) {
            link = null;
            if (state.alive()) {
                suspect(until);
            }
        }
    }

    /** A frame arrived on a link. False when the session is over or has another link. */
    boolean heard(SessionLink by, long now) {
        lastHeard = now;
        return state == SessionState.ACTIVE || heardAgain(by);
    }

    private synchronized boolean heardAgain(SessionLink by) {
        if (link != by || !state.alive()) {
            return false;
        }
        move(SessionState.ACTIVE);
        wheel.schedule(this, lastHeard + ttlNanos);
        return true;
    }

    /** A resume that will be accepted has arrived: the client lives, however long the store takes to write it down. */
    synchronized void resuming(long givenFence, String givenAttempt, long now, long until) {
        if (givenFence != fence && (attempt.isEmpty() || !attempt.equals(givenAttempt))) {
            return;
        }
        lastHeard = now;
        if (state == SessionState.SUSPECT) {
            suspectUntil = Math.max(suspectUntil, until);
        }
    }

    /** When its time is up, if nothing is heard of it. A server that stood still until {@code grantedAt} gives a full TTL. */
    synchronized long deadline(long grantedAt) {
        long until = state == SessionState.ACTIVE ? lastHeard + ttlNanos : suspectUntil;
        return Math.max(until, grantedAt + ttlNanos);
    }

    /** Silent for its TTL: suspect without a grace. It is expired, or held by the brake, next. */
    synchronized boolean silent(long now, long grantedAt) {
        if (forgotten || !state.alive() || deadline(grantedAt) > now) {
            return false;
        }
        move(SessionState.SUSPECT);
        suspectUntil = Math.min(suspectUntil, now);
        return true;
    }

    /** Its time is up. False when it was heard or resumed in the last moment. */
    synchronized boolean expire(long now, long grantedAt) {
        if (forgotten || state != SessionState.SUSPECT || deadline(grantedAt) > now) {
            return false;
        }
        if (link != null && lastHeard + ttlNanos > now) {
            move(SessionState.ACTIVE);
            wheel.schedule(this, lastHeard + ttlNanos);
            return false;
        }
        move(SessionState.EXPIRED);
        return true;
    }

    /** The client leaves for good. False when the session is over or has another link. */
    synchronized boolean close(SessionLink by) {
        if (link != by || !state.alive()) {
            return false;
        }
        move(SessionState.CLOSED);
        return true;
    }

    /** Nobody was ever told its id: over before it began. */
    synchronized void discard() {
        if (state.alive()) {
            move(SessionState.CLOSED);
        }
    }

    /** The record is gone, or closing for that reason, by another hand. */
    synchronized void overtaken(@Nullable RemovalReason closingFor) {
        if (!state.alive()) {
            return;
        }
        if (closingFor == RemovalReason.DEREGISTERED) {
            move(SessionState.CLOSED);
        } else {
            move(SessionState.SUSPECT);
            move(SessionState.EXPIRED);
        }
    }

    /** The removal that is under way or waits for its turn; null: none. */
    synchronized @Nullable SessionRemoval removal() {
        return removal;
    }

    /** False when there is one already. */
    synchronized boolean removing(SessionRemoval started) {
        if (removal != null || forgotten) {
            return false;
        }
        removal = started;
        return true;
    }

    /** The removal ended, one way or the other. */
    synchronized void removalEnded() {
        removal = null;
    }

    synchronized @Nullable SessionLink link() {
        return link;
    }

    synchronized @Nullable SessionLink takeLink() {
        SessionLink taken = link;
        link = null;
        return taken;
    }

    /** This server has nothing more to do with it. A second call does nothing. */
    synchronized void forget() {
        if (!forgotten) {
            forgotten = true;
            wheel.cancel(this);
            counts.moved(state, null);
        }
    }

    @GuardedBy("this")
    private void suspect(long until) {
        move(SessionState.SUSPECT);
        suspectUntil = until;
        wheel.schedule(this, until);
    }

    @GuardedBy("this")
    private void move(SessionState next) {
        SessionState from = state;
        if (from != next) {
            state = from.to(next);
            if (!forgotten) {
                counts.moved(from, next);
            }
        }
    }

    @Override
    public String toString() {
        return "session " + SessionIds.shortened(id) + " " + state;
    }
}
