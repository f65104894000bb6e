package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.LeaseGrantRequest;
import io.registrycenter.store.etcd.wire.LeaseGrpc;
import io.registrycenter.store.etcd.wire.LeaseRevokeRequest;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RequestOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lease with exactly one key, for as long as this process lives.
 *
 * <pre>
 * SETTING_UP --lease granted, key put--> HELD --lease or key gone--> SETTING_UP
 *      |                                  `---not able--> RESTING --able again--> SETTING_UP
 *      `-- any --close--> WITHDRAWN
 * </pre>
 *
 * A key that vanished while the process lives, for example because etcd could not be reached for longer than the lease, is made
 * again, the same: by that all the sessions of this server are safe again. Everything of etcd is asked without waiting, on the
 * store's threads.
 */
final class NodeLease implements Presence {

    private enum Phase {
        SETTING_UP,
        HELD,
        RESTING,
        WITHDRAWN
    }

    private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);

    private final Calls calls;
    private final Keyspace keys;
    private final Members members;
    private final LongSupplier nanoTime;
    private final Duration ttl;
    private final String owner;
    private final ByteString key;
    private final KeepAlive keepAlive;
    private final CompletableFuture<Void> announced = new CompletableFuture<>();
    private final Backoff backoff = Backoff.ofStream();
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private Phase phase = Phase.SETTING_UP;

    @GuardedBy("lock")
    private NodeRecord node;

    @GuardedBy("lock")
    private long lease;

    /** The revision of the key as we made it. */
    @GuardedBy("lock")
    private long madeAt;

    @GuardedBy("lock")
    private boolean able = true;

    /** When the last request was sent that was answered. */
    @GuardedBy("lock")
    private long provenNanos;

    NodeLease(
            Calls calls,
            Endpoints leases,
            Tokens tokens,
            Keyspace keys,
            Members members,
            LongSupplier nanoTime,
            Duration ttl,
            String owner,
            NodeRecord node) {
        this.calls = calls;
        this.keys = keys;
        this.members = members;
        this.nanoTime = nanoTime;
        this.ttl = ttl;
        this.owner = owner;
        this.node = node;
        this.key = keys.of(new RecordKey.OfNode(owner));
        this.provenNanos = nanoTime.getAsLong();
        this.keepAlive = new KeepAlive(leases, tokens, nanoTime, this::proven, this::gone);
    }

    /** Begins; the future completes when the others can see this server. */
    CompletableFuture<Void> start() {
        setUp();
        beatLater(ttl.toMillis() / 3);
        return announced;
    }

    @Override
    public State state() {
        lock.lock();
        try {
            if (phase == Phase.WITHDRAWN) {
                return State.WITHDRAWN;
            }
            boolean answered = nanoTime.getAsLong() - provenNanos < ttl.toNanos() / 3 * 2;
            return answered && phase == Phase.HELD ? State.PRESENT : State.ISOLATED;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean oldest() {
        return members.oldest(owner);
    }

    @Override
    public void draining(boolean now) {
        lock.lock();
        try {
            node = new NodeRecord(node.address(), now);
            if (phase != Phase.HELD) {
                // It is written when the key is made again.
                return;
            }
        } finally {
            lock.unlock();
        }
        put();
    }

    @Override
    public void able(boolean now) {
        long held = 0;
        lock.lock();
        try {
            if (able == now) {
                return;
            }
            able = now;
            if (now && phase == Phase.RESTING) {
                phase = Phase.SETTING_UP;
            } else if (!now && phase == Phase.HELD) {
                // While it is being set up: as soon as it is held.
                phase = Phase.RESTING;
                held = lease;
            } else {
                return;
            }
        } finally {
            lock.unlock();
        }
        if (now) {
            LOG.info("This server follows etcd again: its sign of life {} is made again", key.toStringUtf8());
            setUp();
        } else {
            giveUp(held);
        }
    }

    private void giveUp(long held) {
        LOG.warn(
                "This server does not know what happens in etcd: its sign of life {} is taken away, so that others look after its"
                        + " sessions",
                key.toStringUtf8());
        LeaseRevokeRequest revoke = LeaseRevokeRequest.newBuilder().setId(held).build();
        var unused = calls.untilAnswered(LeaseGrpc.getLeaseRevokeMethod(), revoke)
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.info(
                                "The sign of life was not taken away, it ends by itself within {}: {}",
                                ttl,
                                Troubles.status(failure));
                    }
                });
    }

    boolean isOf(String server) {
        return server.equals(owner);
    }

    /** etcd deleted the key, at a revision. */
    void vanished(long revision) {
        lock.lock();
        try {
            if (phase != Phase.HELD || revision <= madeAt) {
                return;
            }
        } finally {
            lock.unlock();
        }
        gone();
    }

    private void gone() {
        lock.lock();
        try {
            if (phase != Phase.HELD) {
                return;
            }
            phase = Phase.SETTING_UP;
        } finally {
            lock.unlock();
        }
        LOG.warn("etcd took this server for dead; its sign of life {} is made again", key.toStringUtf8());
        setUp();
    }

    private void setUp() {
        long sent = nanoTime.getAsLong();
        LeaseGrantRequest grant =
                LeaseGrantRequest.newBuilder().setTtlS(ttl.toSeconds()).build();
        var unused = calls.untilAnswered(LeaseGrpc.getLeaseGrantMethod(), grant).whenComplete((granted, failure) -> {
            if (failure == null) {
                lock.lock();
                try {
                    lease = granted.getId();
                } finally {
                    lock.unlock();
                }
                proven(sent);
                put();
            } else {
                setUpLater(failure);
            }
        });
    }

    /** Puts the key, and reads who else is there at the same revision. */
    private void put() {
        TxnRequest request;
        lock.lock();
        try {
            if (phase == Phase.WITHDRAWN || phase == Phase.RESTING) {
                return;
            }
            request = TxnRequest.newBuilder()
                    .addSuccess(Txns.put(key, Values.encode(node, "presence"), lease))
                    .addSuccess(RequestOp.newBuilder()
                            .setRequestRange(
                                    RangeRequest.newBuilder().setKey(keys.nodes).setRangeEnd(keys.nodesEnd)))
                    .build();
        } finally {
            lock.unlock();
        }
        var unused = calls.untilAnswered(KVGrpc.getTxnMethod(), request).whenComplete((response, failure) -> {
            if (failure == null) {
                held(response);
            } else {
                setUpLater(failure);
            }
        });
    }

    private void held(TxnResponse response) {
        Map<String, KeyValue> all = new HashMap<>();
        for (KeyValue kv : response.getResponses(1).getResponseRange().getKvsList()) {
            if (keys.record(kv.getKey()) instanceof RecordKey.OfNode other) {
                all.put(other.owner(), kv);
            }
        }
        long revision = response.getHeader().getRevision();
        members.listed(all, revision);
        long unwanted = 0;
        lock.lock();
        try {
            madeAt = revision;
            if (phase == Phase.SETTING_UP) {
                phase = able ? Phase.HELD : Phase.RESTING;
                unwanted = able ? 0 : lease;
            }
            backoff.reset();
        } finally {
            lock.unlock();
        }
        if (unwanted != 0) {
            giveUp(unwanted);
        }
        announced.complete(null);
    }

    private void setUpLater(Throwable failure) {
        LOG.warn("This server could not be made known in etcd, it tries again: {}", Troubles.status(failure));
        lock.lock();
        try {
            if (phase == Phase.RESTING) {
                return;
            }
            if (phase == Phase.WITHDRAWN || !calls.later(this::setUp, backoff.next())) {
                announced.completeExceptionally(
                        new StoreException(StoreException.Kind.UNAVAILABLE, "the store was closed"));
                return;
            }
            phase = Phase.SETTING_UP;
        } finally {
            lock.unlock();
        }
    }

    private void proven(long sentNanos) {
        lock.lock();
        try {
            provenNanos = Math.max(provenNanos, sentNanos);
        } finally {
            lock.unlock();
        }
    }

    private void beatLater(long delayMs) {
        if (!calls.later(this::beat, delayMs)) {
            keepAlive.close();
        }
    }

    /** Three times in each lease; sooner where the last one was not answered. */
    private void beat() {
        long held = 0;
        lock.lock();
        try {
            if (phase == Phase.WITHDRAWN) {
                return;
            }
            if (phase == Phase.HELD) {
                held = lease;
            }
        } finally {
            lock.unlock();
        }
        boolean answered = held == 0 || keepAlive.send(held);
        beatLater(answered ? ttl.toMillis() / 3 : TimeUnit.SECONDS.toMillis(1));
    }

    @Override
    public void close() {
        long held;
        lock.lock();
        try {
            if (phase == Phase.WITHDRAWN) {
                return;
            }
            phase = Phase.WITHDRAWN;
            held = lease;
        } finally {
            lock.unlock();
        }
        keepAlive.close();
        try {
            calls.once(
                            LeaseGrpc.getLeaseRevokeMethod(),
                            LeaseRevokeRequest.newBuilder().setId(held).build(),
                            nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(1),
                            true)
                    .join();
        } catch (RuntimeException e) {
            LOG.info(
                    "The sign of life in etcd was not taken away, it ends by itself within {}: {}",
                    ttl,
                    e.getMessage());
        }
    }
}
