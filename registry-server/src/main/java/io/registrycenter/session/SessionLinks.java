package io.registrycenter.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The links whose stream is open, numbered as they come. Any thread; ask each link on its executor. */
public final class SessionLinks {

    private final AtomicLong numbers = new AtomicLong();
    private final Set<SessionLink> open = ConcurrentHashMap.newKeySet();

    SessionLinks() {}

    SessionLink open(Sessions sessions, SessionOutlet outlet) {
        SessionLink link = new SessionLink(sessions, outlet, numbers.incrementAndGet());
        open.add(link);
        return link;
    }

    /** The link's stream is over. */
    void closed(SessionLink link) {
        open.remove(link);
    }

    /** All of them, as they are, while they come and go. */
    Set<SessionLink> open() {
        return open;
    }

    /** All of them, copied. */
    public Set<SessionLink> all() {
        return Set.copyOf(open);
    }

    /** The link of this id; null: it is not open. */
    public @Nullable SessionLink find(String id) {
        for (SessionLink link : open) {
            if (link.id().equals(id)) {
                return link;
            }
        }
        return null;
    }
}
