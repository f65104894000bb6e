package io.registrycenter.store;

import io.registrycenter.store.RecordValue.NodeRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Presences for the fake store: the record of a server is there from its first sign of life until none came for the TTL, and
 * is made again with the next one. Confined to the test's thread; nothing happens but in {@link #tick} and {@link Lease#beat}.
 */
public final class Leases {

    private final InMemoryStore store;
    private final LongSupplier nanoTime;
    private final Duration ttl;
    private final List<Lease> all = new ArrayList<>();
    private long made;

    public Leases(InMemoryStore store, LongSupplier nanoTime, Duration ttl) {
        this.store = store;
        this.nanoTime = nanoTime;
        this.ttl = ttl;
    }

    public Lease announce(String owner) {
        Lease lease = new Lease(owner);
        all.add(lease);
        lease.beat();
        return lease;
    }

    /** Leases whose time is up end. */
    public void tick() {
        long now = nanoTime.getAsLong();
        for (Lease lease : all) {
            if (lease.since > 0 && now - lease.provenNanos >= ttl.toNanos()) {
                lease.end();
            }
        }
        all.removeIf(lease -> lease.withdrawn);
    }

    /** The sign of life of one server. */
    public final class Lease implements Presence {
        private final RecordKey.OfNode key;
        private boolean draining;
        private boolean withdrawn;
        private boolean able = true;

        /** Order in which it was made; 0: it is not there. */
        private long since;

        private long provenNanos;

        private Lease(String owner) {
            key = new RecordKey.OfNode(owner);
        }

        /** The server reaches the store. */
        public void beat() {
            if (!withdrawn && able) {
                provenNanos = nanoTime.getAsLong();
                if (since == 0) {
                    since = ++made;
                    write(new NodeRecord("", draining));
                }
            }
        }

        private void end() {
            since = 0;
            write(null);
        }

        private void write(@Nullable NodeRecord record) {
            var unused = store.commit(new Transaction(List.of(), List.of(new Mutation(key, record))));
        }

        @Override
        public State state() {
            if (withdrawn) {
                return State.WITHDRAWN;
            }
            boolean proven = nanoTime.getAsLong() - provenNanos < ttl.toNanos() / 3 * 2;
            return proven && since > 0 ? State.PRESENT : State.ISOLATED;
        }

        @Override
        public boolean oldest() {
            return all.stream()
                    .filter(lease -> lease.since > 0 && !lease.draining)
                    .min(Comparator.comparingLong(lease -> lease.since))
                    .filter(lease -> lease == this)
                    .isPresent();
        }

        @Override
        public void draining(boolean now) {
            draining = now;
            if (since > 0) {
                write(new NodeRecord("", now));
            }
        }

        @Override
        public void able(boolean now) {
            able = now;
            if (!able && since > 0) {
                end();
            }
        }

        @Override
        public void close() {
            withdrawn = true;
            if (since > 0) {
                end();
            }
        }
    }
}
