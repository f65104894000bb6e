package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What operators are told about the sessions: figures, and nothing is decided by them. Any thread. */
public final class SessionStats {

    private final String node;
    private final View view;
    private final Watched watched;
    private final StateCounts counts;
    private final ExpiryBrake brake;
    private final Expiry expiry;
    private final Adoptions adoptions;
    private final LostMemory lost;
    private final LongSupplier clock;
    private final LongAdder expired = new LongAdder();
    private final LongAdder reaped = new LongAdder();

    /** @param clock of the sessions' deadlines, see {@link Sessions#now} */
    SessionStats(
            String node,
            View view,
            Watched watched,
            StateCounts counts,
            ExpiryBrake brake,
            Expiry expiry,
            Adoptions adoptions,
            LostMemory lost,
            LongSupplier clock) {
        this.node = node;
        this.view = view;
        this.watched = watched;
        this.counts = counts;
        this.brake = brake;
        this.expiry = expiry;
        this.adoptions = adoptions;
        this.lost = lost;
        this.clock = clock;
    }

    /** The store has removed a session that was over. */
    void removed(Session session) {
        if (session.orphanOf() != null) {
            reaped.increment();
        } else if (session.state() == SessionState.EXPIRED) {
            expired.increment();
        }
    }

    /** Sessions this server watches over, by state. */
    public int count(SessionState state) {
        return counts.of(state);
    }

    /** Sessions that other servers own, alive or not. */
    public int elsewhere() {
        return Math.max(0, view.sessionCount() - view.ownedCount(node));
    }

    public BrakeState brake() {
        return brake.state();
    }

    /** Sessions whose time is up and that the brake keeps. */
    public int held() {
        return expiry.held();
    }

    /** Sessions that expired and were removed since the start. */
    public long expired() {
        return expired.sum();
    }

    /** Sessions of dead servers that this one removed since the start. */
    public long reaped() {
        return reaped.sum();
    }

    /** Sessions that this server took over from other server processes since the start. */
    public long adopted() {
        return adoptions.adopted();
    }

    /** How often this server noticed that it had stood still. */
    public long pauses() {
        return expiry.pauses();
    }

    /** Lost instances that were forgotten for lack of room: their former holders may not be told after a resume. */
    public long lostForgotten() {
        return lost.forgotten();
    }

    /** Sessions whose link is gone or silent and that are kept for a grace or by the brake, in no order, at most so many. */
    public List<SuspectFigures> suspects(int limit) {
        long now = clock.getAsLong();
        return watched.all().stream()
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
}
