package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which commits are under way, and which wait: any number at once, but a commit that guards a record which an earlier one of
 * this server is about to write waits for it. So callers who write the same record get through in order, instead of breaking
 * each other's guards; only other servers can do that.
 *
 * <pre>
 * OPEN --move(CLOSING)--> CLOSING (no more come, what is here goes on) --move(CLOSED)--> CLOSED
 * </pre>
 *
 * Bounded in count and bytes. For any thread; turns are started outside of the lock.
 */
final class CommitOrder {

    /** Whether commits are taken. */
    enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    /**
     * Gathering or sent. After a lost answer each goes alone, and etcd refuses when 5,000 proposals wait: three servers stay below.
     */
    private static final int UNDER_WAY = 1_024;

    private static final int MOST = 8_192;
    private final long mostBytes;

    /** One commit in the order. Its fields are guarded by the order's lock. */
    static final class Turn {
        private final Start start;
        private final long bytes;
        private final List<RecordKey> writes;
        private final List<Turn> followers = new ArrayList<>(0);
        private int waitsFor;
        private boolean left;

        private Turn(Start start, long bytes, List<RecordKey> writes) {
            this.start = start;
            this.bytes = bytes;
            this.writes = writes;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition emptied = lock.newCondition();

    /** The newest turn that writes a record. */
    @GuardedBy("lock")
    private final Map<RecordKey, Turn> writers = new HashMap<>();

    @GuardedBy("lock")
    private final ArrayDeque<Turn> ready = new ArrayDeque<>();

    @GuardedBy("lock")
    private int underWay;

    @GuardedBy("lock")
    private int count;

    @GuardedBy("lock")
    private long bytes;

    @GuardedBy("lock")
    private State state = State.OPEN;

    /** @param mostBytes encoded bytes that may wait or be under way */
    CommitOrder(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /**
     * Takes a commit into the order.
     *
     * @param start runs once, when it is its turn: soon, on this thread or on one that leaves
     * @throws StoreException {@code OVERLOADED} or {@code UNAVAILABLE}
     */
    void enter(Transaction transaction, long size, Start start) {
        List<RecordKey> writes =
                transaction.mutations().stream().map(Mutation::key).toList();
        Turn turn = new Turn(start, size, writes);
        Turn first;
        lock.lock();
        try {
            admit(size);
            count++;
            bytes += size;
            for (Guard guard : transaction.guards()) {
                waitFor(turn, writers.get(guard.key()));
            }
            writes.forEach(key -> writers.put(key, turn));
            if (turn.waitsFor == 0) {
                ready.add(turn);
            }
            first = next();
        } finally {
            lock.unlock();
        }
        startAll(first);
    }

    /** What a turn does first; the turn is given to {@link #leave} when the commit is decided. */
    @FunctionalInterface
    interface Start {
        void run(Turn turn);
    }

    /** The commit is decided, one way or the other: who waited for it may go. Once for each turn. */
    void leave(Turn turn) {
        Turn first;
        lock.lock();
        try {
            if (turn.left) {
                return;
            }
            turn.left = true;
            count--;
            bytes -= turn.bytes;
            underWay--;
            for (RecordKey key : turn.writes) {
                writers.remove(key, turn);
            }
            for (Turn follower : turn.followers) {
                if (--follower.waitsFor == 0) {
                    ready.add(follower);
                }
            }
            if (count == 0) {
                emptied.signalAll();
            }
            first = next();
        } finally {
            lock.unlock();
        }
        startAll(first);
    }

    /** Forward only. */
    void move(State to) {
        lock.lock();
        try {
            if (to.compareTo(state) > 0) {
                state = to;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every commit is decided; false when that takes too long. */
    boolean awaitEmpty(long timeoutMs) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (count > 0 && left > 0) {
                left = emptied.awaitNanos(left);
            }
            return count == 0;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void admit(long size) {
        if (state != State.OPEN) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the store is closed");
        }
        if (count >= MOST || bytes + size > mostBytes) {
            throw new StoreException(
                    StoreException.Kind.OVERLOADED,
                    count + " transactions with " + bytes + " bytes wait for etcd: try again later");
        }
    }

    private static void waitFor(Turn turn, @Nullable Turn earlier) {
        if (earlier != null && !earlier.equals(turn)) {
            earlier.followers.add(turn);
            turn.waitsFor++;
        }
    }

    @GuardedBy("lock")
    private @Nullable Turn next() {
        if (underWay >= UNDER_WAY || ready.isEmpty()) {
            return null;
        }
        underWay++;
        return ready.remove();
    }

    private void startAll(@Nullable Turn first) {
        Turn turn = first;
        while (turn != null) {
            turn.start.run(turn);
            lock.lock();
            try {
                turn = next();
            } finally {
                lock.unlock();
            }
        }
    }
}
