package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.etcd.wire.Event;
import io.registrycenter.store.etcd.wire.KeyValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which servers there are, and since when. Put together from one list and from what the watch tells, in any order: the newer
 * revision of each server counts. For any thread.
 */
final class Members {

    /**
     * What is known of one server.
     *
     * @param revision of the put or delete that told it
     * @param since revision at which it came; 0: it is gone
     */
    private record Known(long revision, long since, boolean draining) {}

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<String, Known> servers = new HashMap<>();

    void changed(String owner, Event event) {
        KeyValue kv = event.getKv();
        learn(owner, event.getType() == Event.EventType.DELETE ? new Known(kv.getModRevision(), 0, false) : known(kv));
    }

    /** Every server there was at a revision. */
    void listed(Map<String, KeyValue> all, long revision) {
        lock.lock();
        try {
            Set<String> gone = new HashSet<>(servers.keySet());
            gone.removeAll(all.keySet());
            gone.forEach(owner -> learn(owner, new Known(revision, 0, false)));
            all.forEach((owner, kv) -> learn(owner, known(kv)));
            servers.values().removeIf(known -> known.since() == 0 && known.revision() <= revision);
        } finally {
            lock.unlock();
        }
    }

    /** Whether this server is the one, of those that stay, that came first. */
    boolean oldest(String owner) {
        lock.lock();
        try {
            Known self = servers.get(owner);
            return self != null
                    && staying(self)
                    && servers.values().stream()
                            .filter(Members::staying)
                            .allMatch(other -> other.since() >= self.since());
        } finally {
            lock.unlock();
        }
    }

    private void learn(String owner, Known news) {
        lock.lock();
        try {
            servers.merge(owner, news, (old, other) -> other.revision() >= old.revision() ? other : old);
        } finally {
            lock.unlock();
        }
    }

    private static Known known(KeyValue kv) {
        boolean draining = Values.decode(kv.getValue()) instanceof NodeRecord node && node.draining();
        return new Known(kv.getModRevision(), kv.getCreateRevision(), draining);
    }

    private static boolean staying(Known server) {
        return server.since() > 0 && !server.draining();
    }
}
