package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoreState;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.wire.Event;
import io.registrycenter.store.etcd.wire.KeyValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine on etcd.
 *
 * <pre>
 * commit() -> Committer -> CommitOrder -> CommitCall -> Groups --Txn--> etcd -> answers
 * follow() -> EtcdFollowing <- Upstream <--Watch-- etcd          (one for each following; a server has one)
 * read()   -> StateReader --Range at one revision--> etcd
 * announce() -> NodeLease --lease, one key--> etcd;  Ticker: the head, moved and proven
 * </pre>
 *
 * Watches, leases and calls have a connection each ({@link Endpoints}). Threads: {@code store-answers} (one, completes futures),
 * {@code store-clock} (one, tries again and ticks), {@code store-follow} (one a following). All are daemons and end with
 * {@link #close}.
 */
public final class EtcdStore implements Store, EngineKeys {

    private static final Logger LOG = LoggerFactory.getLogger(EtcdStore.class);

    /** How long closing waits for etcd and for followers before it gives up on them. */
    private static final long CLOSE_DEADLINE_MS = 2_000;

    /** How long commits that were not decided by then may take to be answered that nobody knows: no network is in it. */
    private static final long ANSWER_DEADLINE_MS = 500;

    private final EtcdSettings settings;
    private final Connections connections;
    private final Keyspace keys;
    private final String epoch;
    private final Heads heads;
    private final Committer committer;
    private final Compaction compaction;
    private final StateReader reader;
    private final Ticker ticker;
    private final Members members = new Members();
    private final Set<EtcdFollowing> followings = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable NodeLease> lease = new AtomicReference<>();
    private final ReentrantLock closing = new ReentrantLock();

    @GuardedBy("closing")
    private boolean released;

    private EtcdStore(EtcdSettings settings, Connections connections, Opening.Found found, String mark) {
        this.settings = settings;
        this.connections = connections;
        this.keys = connections.keys;
        this.epoch = found.epoch();
        this.heads = new Heads(found.born(), found.floor(), found.begun() ? 0 : found.born());
        this.committer = new Committer(connections.calls, keys, heads, mark, settings.waitingBytes(), this::loseAll);
        this.compaction = new Compaction(connections.calls, keys, heads);
        this.reader = new StateReader(connections.calls, keys);
        this.ticker = new Ticker(connections.calls, keys, heads, System::nanoTime, mark, this::loseAll);
    }

    /**
     * Finds the history in etcd, or begins one. Blocks until a member answers, for about {@link Patience#OF_A_START}, or the request
     * timeout where that is longer. What is refused, a password for example, fails at once.
     *
     * @throws StoreException {@code UNAVAILABLE}
     */
    public static EtcdStore open(EtcdSettings settings) {
        return open(settings, false, Patience.OF_A_START);
    }

    /** @param intake for an import: also where one is under way */
    static EtcdStore open(EtcdSettings settings, boolean intake, Duration longest) {
        String mark = Connections.newMark();
        Connections connections = new Connections(settings, mark);
        try {
            Opening opening = new Opening(connections.calls, connections.keys, settings, intake);
            Patience patience = new Patience(System::nanoTime, connections.calls::pause, longest);
            Opening.Found found = opening.run(patience);
            EtcdStore store = new EtcdStore(settings, connections, found, mark);
            if (!found.begun()) {
                // A committed write is the one proof of the head: a member may answer reads from the past.
                long head = patience.ask(() ->
                        connections.calls.await("the head of the history in etcd is not known", store.ticker.tick()));
                if (!patience.ask(() -> opening.readable(Math.max(found.floor(), found.born())))) {
                    LOG.warn("etcd was compacted by somebody else; the history begins at revision {}", head);
                    store.heads.compacted(head);
                }
            }
            return store;
        } catch (RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public long head() {
        return heads.head();
    }

    @Override
    public CompletableFuture<Long> provenHead() {
        return ticker.tick();
    }

    @Override
    public long floor() {
        return heads.floor();
    }

    @Override
    public long historyBytes() {
        return heads.historyBytes();
    }

    @Override
    public long writes() {
        return heads.writes();
    }

    @Override
    public @Nullable String writeObstacle() {
        Alarms.Alarm standing = connections.calls.alarms().standing();
        return standing == null ? null : standing.clause();
    }

    @Override
    public @Nullable String alarm() {
        Alarms.Alarm standing = connections.calls.alarms().standing();
        return standing == null ? null : standing.name();
    }

    @Override
    public CompletableFuture<Outcome> commit(Transaction transaction, Judgement judgement) {
        return committer.commit(transaction, judgement);
    }

    @Override
    public List<StoredRecord> read(long revision) {
        requireReadable(revision);
        return revision < heads.born() ? List.of() : reader.read(revision);
    }

    @Override
    public void scan(long revision, Consumer<StoredRecord> receiver) {
        requireReadable(revision);
        if (revision >= heads.born()) {
            reader.scan(revision, receiver);
        }
    }

    /**
     * As a start does it, for a server that was told nothing for a while: what the history would have said of servers, of the floor
     * and of the epoch is taken from the state.
     */
    @Override
    public StoreState readNewest() {
        List<StoredRecord> records = new ArrayList<>();
        Map<String, KeyValue> servers = new HashMap<>();
        List<KeyValue> own = new ArrayList<>();
        long revision = reader.newest(kv -> {
            RecordKey key = keys.record(kv.getKey());
            if (key == null) {
                own.add(kv);
                return;
            }
            records.add(Txns.stored(key, kv));
            if (key instanceof RecordKey.OfNode node) {
                servers.put(node.owner(), kv);
            }
        });
        requireSameHistory(own);
        own.forEach(this::changed);
        heads.reached(revision);
        members.listed(servers, revision);
        NodeLease mine = lease.get();
        if (mine != null && servers.keySet().stream().noneMatch(mine::isOf)) {
            mine.vanished(revision);
        }
        return new StoreState(revision, records);
    }

    private void requireSameHistory(List<KeyValue> engineKeys) {
        if (engineKeys.stream()
                .noneMatch(kv -> kv.getKey().equals(keys.epoch)
                        && kv.getValue().toStringUtf8().equals(epoch))) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT,
                    "etcd no longer has the history of epoch " + epoch
                            + ", or it was given a new epoch: restart the server");
        }
    }

    private void requireReadable(long revision) {
        if (revision > head()) {
            throw new IllegalArgumentException("revision " + revision + " is above the head " + head());
        }
        if (revision < floor()) {
            throw new StoreException(
                    StoreException.Kind.COMPACTED,
                    "revision " + revision + " is below the floor " + floor() + ": read a newer one");
        }
    }

    @Override
    public Following follow(long after, Follower follower) {
        AtomicReference<@Nullable EtcdFollowing> self = new AtomicReference<>();
        var thread = Connections.serial("store-follow");
        EtcdFollowing following = new EtcdFollowing(
                keys,
                heads,
                this,
                after,
                follower,
                () -> forget(self.get()),
                thread,
                receiver -> connections.upstream(thread, Math.max(after, heads.born()) + 1, receiver));
        self.set(following);
        followings.add(following);
        ticker.heard();
        following.start(after);
        return following;
    }

    private void forget(@Nullable EtcdFollowing following) {
        if (following != null) {
            followings.remove(following);
        }
    }

    /** Where several servers are announced, the oldest compacts for all: elsewhere it completes with the floor there is. */
    @Override
    public CompletableFuture<Long> compact(long revision) {
        long target = Math.min(revision, head());
        NodeLease own = lease.get();
        return target <= floor() || (own != null && !own.oldest())
                ? CompletableFuture.completedFuture(floor())
                : compaction.compact(target);
    }

    /** The history begins here: what is older is no part of it, for servers that start from now on. */
    void beginHere() {
        connections.calls.await("the new history in etcd was not finished", compaction.raiseFloor(head()));
    }

    @Override
    public Presence announce(String owner, NodeRecord node) {
        NodeLease own = new NodeLease(
                connections.calls,
                connections.leases,
                connections.tokens,
                keys,
                members,
                System::nanoTime,
                settings.leaseTtl(),
                owner,
                node);
        if (!lease.compareAndSet(null, own)) {
            throw new IllegalStateException("this server is announced already");
        }
        connections.calls.await("this server cannot be made known in etcd", own.start());
        ticker.heard();
        connections.everySecond(() -> {
            if (alarm() != null) {
                // No tick can be written: whether the watch still delivers has to be asked.
                followings.forEach(EtcdFollowing::probe);
            }
            ticker.look(own::oldest, silence -> followings.forEach(following -> following.silent(silence)));
        });
        return own;
    }

    @Override
    public void heard() {
        ticker.heard();
    }

    @Override
    public void behind() {
        // A write is the proof: it fails the history when it is committed below what was delivered.
        var unused = ticker.tick();
    }

    @Override
    public void replaced(StoreException reason) {
        loseAll(reason);
    }

    @Override
    public void changed(Event event) {
        if (event.getType() == Event.EventType.PUT) {
            changed(event.getKv());
        }
    }

    private void changed(KeyValue kv) {
        if (kv.getKey().equals(keys.compacted)) {
            heads.compacted(Opening.floor(kv));
        } else if (kv.getKey().equals(keys.epoch)
                && !kv.getValue().toStringUtf8().equals(epoch)) {
            loseAll(new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "the history in etcd was given a new epoch while this server ran: restart it"));
        }
    }

    @Override
    public void nodeChanged(String owner, Event event) {
        members.changed(owner, event);
        NodeLease own = lease.get();
        if (own != null && event.getType() == Event.EventType.DELETE && own.isOf(owner)) {
            own.vanished(event.getKv().getModRevision());
        }
    }

    private void loseAll(StoreException reason) {
        LOG.error("The history in etcd is lost to this server: {}", reason.getMessage());
        followings.forEach(following -> following.lose(reason));
    }

    /**
     * Waits for commits that are under way and until followers were told of them, but not for ever; then ends followings,
     * which are told {@code lost}. A second call waits for the first. Not for threads of the store.
     */
    @Override
    public void close() {
        committer.order().move(CommitOrder.State.CLOSING);
        closing.lock();
        try {
            if (!released) {
                released = true;
                end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closing.unlock();
        }
    }

    private void end() throws InterruptedException {
        boolean decided = false;
        try {
            decided = committer.order().awaitEmpty(CLOSE_DEADLINE_MS);
            committer.order().move(CommitOrder.State.CLOSED);
            NodeLease own = lease.get();
            if (own != null) {
                own.close();
            }
            StoreException reason = new StoreException(StoreException.Kind.UNAVAILABLE, "the store is closed");
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_DEADLINE_MS);
            for (EtcdFollowing following : followings) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                following.endAt(heads.own(), Math.max(1, left), reason);
            }
            if (!decided) {
                LOG.warn("The store was closed while commits were still under way; nobody knows what became of them");
            }
        } finally {
            connections.close();
            // What still waited finds the connections closed and is answered: close returns when nobody waits any more.
            if (!decided && !committer.order().awaitEmpty(ANSWER_DEADLINE_MS)) {
                LOG.error("The store was closed, and commits that waited have no answer");
            }
        }
    }
}
