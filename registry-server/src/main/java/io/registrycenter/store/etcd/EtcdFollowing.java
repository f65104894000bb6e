package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.Event;
import io.registrycenter.store.etcd.wire.KeyValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One delivery, on a thread of its own ({@code store-follow}), fed by one {@link Upstream}.
 *
 * <pre>
 * TOLD --silent for too long--> CUT_OFF --up to the head again--> TOLD
 *   `-------------------------------`--close, compacted, failed, lost--> ENDED
 * </pre>
 */
final class EtcdFollowing implements Store.Following, Upstream.Receiver {

    private enum State {
        TOLD,
        CUT_OFF,
        ENDED
    }

    private static final Logger LOG = LoggerFactory.getLogger(EtcdFollowing.class);

    private final Keyspace keys;
    private final Heads heads;
    private final EngineKeys engineKeys;
    private final Follower follower;
    private final Runnable ended;
    private final ExecutorService thread;
    private final Upstream upstream;

    /** Held while the follower is called. */
    private final ReentrantLock calling = new ReentrantLock();

    private final Condition moved = calling.newCondition();

    @GuardedBy("calling")
    private State state = State.TOLD;

    @GuardedBy("calling")
    private long reached;

    /** @param ended told when nothing follows any more */
    EtcdFollowing(
            Keyspace keys,
            Heads heads,
            EngineKeys engineKeys,
            long after,
            Follower follower,
            Runnable ended,
            ExecutorService thread,
            Function<Upstream.Receiver, Upstream> upstream) {
        this.keys = keys;
        this.heads = heads;
        this.engineKeys = engineKeys;
        this.reached = after;
        this.follower = follower;
        this.ended = ended;
        this.thread = thread;
        this.upstream = upstream.apply(this);
    }

    /** Starts; or says that the history does not reach back. */
    void start(long after) {
        long floor = heads.floor();
        if (after < floor) {
            thread.execute(() -> compacted(floor));
        } else {
            upstream.start();
        }
    }

    /** Asks etcd for a word on the watch where there is no news: what it answers is {@link #heard}. */
    void probe() {
        upstream.probe();
    }

    @Override
    public void heard() {
        engineKeys.heard();
    }

    @Override
    public void revision(long revision, List<Event> events) {
        engineKeys.heard();
        List<Mutation> mutations = new ArrayList<>(events.size());
        boolean tick = false;
        for (Event event : events) {
            RecordKey key = keys.record(event.getKv().getKey());
            if (key != null) {
                mutations.add(mutation(key, event));
            } else if (event.getKv().getKey().equals(keys.absent)) {
                addAbsent(event.getKv().getValue().toStringUtf8(), mutations);
            } else {
                tick |= event.getKv().getKey().equals(keys.tick);
                engineKeys.changed(event);
            }
        }
        if (tick || !mutations.isEmpty()) {
            tell(revision, mutations);
        }
    }

    private void tell(long revision, List<Mutation> mutations) {
        calling.lock();
        try {
            if (state == State.ENDED) {
                return;
            }
            heads.reached(revision);
            if (mutations.isEmpty()) {
                follower.passed(revision);
            } else {
                follower.commit(new Commit(revision, mutations));
            }
            reached = revision;
            if (state == State.CUT_OFF && revision >= heads.head()) {
                state = State.TOLD;
                LOG.info("This server follows etcd again, up to revision {}", revision);
                follower.rejoined();
            }
            moved.signalAll();
        } finally {
            calling.unlock();
        }
    }

    @Override
    public void batchComplete() {
        calling.lock();
        try {
            if (state != State.ENDED) {
                follower.batchComplete();
            }
        } finally {
            calling.unlock();
        }
    }

    /** Deletes etcd did not tell of, since there was nothing. */
    private static void addAbsent(String paths, List<Mutation> mutations) {
        Set<RecordKey> told = mutations.stream().map(Mutation::key).collect(Collectors.toSet());
        for (String path : paths.split("\n", -1)) {
            RecordKey key = RecordKey.parse(path);
            if (!told.contains(key)) {
                mutations.add(new Mutation(key, null));
            }
        }
    }

    private Mutation mutation(RecordKey key, Event event) {
        KeyValue kv = event.getKv();
        if (key instanceof RecordKey.OfNode node) {
            engineKeys.nodeChanged(node.owner(), event);
        }
        return new Mutation(key, event.getType() == Event.EventType.DELETE ? null : Values.decode(kv.getValue()));
    }

    @Override
    public void behind(long revision) {
        engineKeys.behind();
    }

    @Override
    public void replaced(long revision) {
        engineKeys.replaced(LostHistory.because("revision " + revision + " is not what it was"));
    }

    @Override
    public void compacted(long floor) {
        heads.compacted(floor);
        finish(() -> follower.compacted(floor));
    }

    @Override
    public void failed(Throwable fault) {
        LOG.error("Following the history in etcd ended", fault);
        finish(() -> follower.failed(fault));
    }

    /** Nothing was heard for too long: the follower is told, and another member is asked. */
    void silent(Duration silence) {
        String reason = "nothing heard for " + silence.toSeconds() + " s";
        upstream.reopen(reason);
        thread.execute(() -> {
            calling.lock();
            try {
                if (state == State.TOLD) {
                    state = State.CUT_OFF;
                    LOG.warn("This server is cut off from etcd ({}): what it serves is stale", reason);
                    follower.cutOff(silence);
                }
            } finally {
                calling.unlock();
            }
        });
    }

    /** Ends the delivery, when it has come to a revision or the time is over. */
    void endAt(long revision, long timeoutMs, StoreException reason) throws InterruptedException {
        calling.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (state != State.ENDED && reached < revision && left > 0) {
                left = moved.awaitNanos(left);
            }
        } finally {
            calling.unlock();
        }
        lose(reason);
        if (!thread.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS)) {
            LOG.warn("A follower is still busy while the store closes");
        }
    }

    private void finish(Runnable lastWord) {
        calling.lock();
        try {
            if (state != State.ENDED) {
                state = State.ENDED;
                lastWord.run();
            }
            moved.signalAll();
        } finally {
            calling.unlock();
            ended.run();
            // What it was given before is still done.
            thread.shutdown();
        }
    }

    /** The engine cannot deliver any more; from any thread. */
    void lose(Throwable reason) {
        upstream.stop();
        thread.execute(() -> finish(() -> follower.lost(reason)));
    }

    @Override
    public void close() {
        upstream.stop();
        // Waits for the call under way; the follower itself may close, for it holds the lock already.
        finish(() -> {});
    }
}
