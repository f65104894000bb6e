package io.registrycenter.session;

import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions whose server is gone: counts the grace in which their clients may come to another server, then gives them to the
 * expiry, and sees that what the expiry lets go goes at a pace.
 *
 * <p>The count of a server begins when this server, being the reaper, sees that it is absent, and begins anew whenever the
 * server shows a sign of life or this one stood still, was cut off, or was not the reaper for a while.
 *
 * <p>{@link #sweep}, {@link #restart}, {@link #timeUp} and {@link #due} are called by one thread at a time, {@link #alive} by
 * any.
 */
final class Orphans {

    private static final Logger log = LoggerFactory.getLogger(Orphans.class);

    private final String node;
    private final View view;
    private final long graceNanos;
    private final Watched watched;
    private final Pace pace;

    /** Servers that are absent and have sessions. */
    private final ConcurrentHashMap<String, Absence> absent = new ConcurrentHashMap<>();

    /** Sessions that may go, as the pace allows; each is a session of {@link #watched}. */
    private final ArrayDeque<Session> leaving = new ArrayDeque<>();

    /**
     * A server that is absent.
     *
     * @param taken whether the grace is over, and its sessions were given to the expiry
     */
    private record Absence(long sinceNanos, boolean taken) {}

    /** @param perSecond sessions that may be removed in a second */
    Orphans(String node, View view, Duration grace, Watched watched, int perSecond) {
        this.node = node;
        this.view = view;
        graceNanos = grace.toNanos();
        this.watched = watched;
        pace = new Pace(perSecond);
    }

    /** That server lives: it made its sign of life, or took a session. */
    void alive(String owner) {
        absent.remove(owner);
    }

    /** All counts begin anew. */
    void restart() {
        absent.clear();
    }

    /** Watches over the sessions whose grace is over from now on. */
    void sweep(long now) {
        Set<String> owners = view.owners();
        absent.keySet().retainAll(owners);
        for (String owner : owners) {
            RecordKey.OfNode key = new RecordKey.OfNode(owner);
            if (owner.equals(node) || view.record(key) != null) {
                absent.remove(owner);
                continue;
            }
            Absence absence = absent.putIfAbsent(owner, new Absence(now, false));
            if (absence != null
                    && !absence.taken()
                    && now - absence.sinceNanos() >= graceNanos
                    && absent.replace(owner, absence, new Absence(absence.sinceNanos(), true))) {
                take(key, now);
            }
        }
    }

    private void take(RecordKey.OfNode owner, long now) {
        List<Session> taken = new ArrayList<>();
        // In no order: ids are random, and so is the order of a set of them.
        for (String id : view.ownedBy(owner.owner())) {
            StoredRecord stored = view.record(new RecordKey.OfSession(id));
            if (stored != null
                    && stored.value() instanceof SessionRecord record
                    && record.owner().equals(owner.owner())) {
                Session session = watched.orphaned(Held.of(id, stored.revision(), record), now, owner);
                if (record.closing()) {
                    // Its server died in the middle of its removal.
                    session.overtaken(record.closingFor());
                }
                taken.add(session);
            }
        }
        if (view.record(owner) != null) {
            // Back in this moment: whoever told so may have looked before they were here.
            taken.forEach(watched::forget);
            return;
        }
        log.info(
                "Server {} is gone and {} of its sessions did not come to another one in time: their time is up.",
                owner.owner(),
                taken.size());
    }

    /** The expiry lets this session go. */
    void timeUp(Session session, long now) {
        if (leaving.isEmpty()) {
            pace.start(now);
        }
        leaving.add(session);
    }

    /** Removes as many as may go now. */
    void due(long now, Consumer<Session> remove) {
        for (int left = leaving.isEmpty() ? 0 : pace.take(now, leaving.size()); left > 0; left--) {
            remove.accept(leaving.remove());
        }
    }
}
