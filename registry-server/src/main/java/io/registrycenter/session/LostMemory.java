package io.registrycenter.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.InstanceKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which instances sessions have lost, so that a session is told again after each resume.
 *
 * <p>Fed from the history alone, for every session and whoever owns it: so it also knows what was lost while a session was
 * suspect, on another server, or in the part of the history that is followed at boot. An entry goes when the session
 * registers that instance again, or ends.
 *
 * <p>Bounded: {@value #PER_SESSION} instances a session, {@value #TOTAL} in all; beyond, the oldest session's (or the
 * session's oldest) are forgotten and counted. Any thread.
 */
final class LostMemory {

    static final int PER_SESSION = 1_000;
    static final int TOTAL = 100_000;

    @GuardedBy("this")
    private final LinkedHashMap<String, LinkedHashMap<InstanceKey, Loss>> bySession = new LinkedHashMap<>();

    @GuardedBy("this")
    private int total;

    @GuardedBy("this")
    private long forgotten;

    synchronized void lost(String sessionId, InstanceKey key, Loss loss) {
        LinkedHashMap<InstanceKey, Loss> own = bySession.computeIfAbsent(sessionId, ignored -> new LinkedHashMap<>());
        if (own.put(key, loss) == null) {
            total++;
        }
        if (own.size() > PER_SESSION) {
            own.pollFirstEntry();
            total--;
            forgotten++;
        }
        while (total > TOTAL) {
            int size = bySession.pollFirstEntry().getValue().size();
            total -= size;
            forgotten += size;
        }
    }

    synchronized void registeredAgain(String sessionId, InstanceKey key) {
        Map<InstanceKey, Loss> own = bySession.get(sessionId);
        if (own != null && own.remove(key) != null) {
            total--;
            if (own.isEmpty()) {
                bySession.remove(sessionId);
            }
        }
    }

    synchronized void ended(String sessionId) {
        Map<InstanceKey, Loss> own = bySession.remove(sessionId);
        if (own != null) {
            total -= own.size();
        }
    }

    synchronized Map<InstanceKey, Loss> of(String sessionId) {
        Map<InstanceKey, Loss> own = bySession.get(sessionId);
        return own == null ? Map.of() : new HashMap<>(own);
    }

    /** Entries given up for lack of room, since the start. */
    synchronized long forgotten() {
        return forgotten;
    }

    synchronized int size() {
        return total;
    }
}
