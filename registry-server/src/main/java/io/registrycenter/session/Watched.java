package io.registrycenter.session;

import io.registrycenter.store.RecordKey;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The sessions this server watches over: its own, and those of dead servers whose grace is over. Any thread. */
final class Watched {

    private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();
    private final StateCounts counts;
    private final DeadlineWheel wheel;

    Watched(StateCounts counts, DeadlineWheel wheel) {
        this.counts = counts;
        this.wheel = wheel;
    }

    @Nullable
    Session get(String sessionId) {
        return sessions.get(sessionId);
    }

    Collection<Session> all() {
        return sessions.values();
    }

    /** A session of this server; one that is new here has no link yet and is suspect until a time. */
    Session own(Held held, long until) {
        return sessions.computeIfAbsent(held.sessionId(), id -> new Session(held, until, null, counts, wheel));
    }

    /** A session of a server that is gone, whose time is up; the one that is known, if there is one. */
    Session orphaned(Held held, long now, RecordKey.OfNode owner) {
        return sessions.computeIfAbsent(held.sessionId(), id -> new Session(held, now, owner, counts, wheel));
    }

    void forget(Session session) {
        session.forget();
        sessions.remove(session.id, session);
    }
}
