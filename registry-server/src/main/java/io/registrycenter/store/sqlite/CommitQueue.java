package io.registrycenter.store.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The only way into the writer: bounded in count and bytes, and open or not.
 *
 * <pre>
 * OBSTRUCTED <--disk takes no writes, takes them again--> OPEN
 *     '------------------------close-----------------------+---> CLOSING --all written--> CLOSED
 *     '---------------data damaged, or a fault-------------'-------'---> FAILED
 * </pre>
 *
 * For any thread; one lock guards it all, so what was taken in before closing is written, and nothing slips in after.
 */
final class CommitQueue {

    /** At most this many transactions share one write. */
    private static final int BATCH_TRANSACTIONS = 512;

    /** A batch that has reached this takes no more transactions. */
    private static final int BATCH_BYTES = 256 << 10;

    enum State {
        /** Takes transactions. */
        OPEN,
        /** Takes no transactions until the disk takes writes. */
        OBSTRUCTED,
        /** Takes no more; what it has is being written. */
        CLOSING,
        /** Everything was written. Final. */
        CLOSED,
        /** Writing is over; what was not written never will be. Final. */
        FAILED
    }

    /**
     * A transaction that waits.
     *
     * @param mutations encoded, on the caller's thread
     * @param judgement asked by the writer when a guard does not hold
     */
    record Pending(Transaction transaction, byte[] mutations, Judgement judgement, CompletableFuture<Outcome> answer) {}

    /** What the writer does next: transactions, a slice to fold, or both. */
    record Work(List<Pending> batch, @Nullable FoldSlice fold) {}

    private final Limits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<Pending> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private @Nullable FoldSlice fold;

    @GuardedBy("lock")
    private int unanswered;

    @GuardedBy("lock")
    private long unansweredBytes;

    @GuardedBy("lock")
    private State state = State.OPEN;

    @GuardedBy("lock")
    private @Nullable StoreException refusal;

    private volatile @Nullable String obstacle;

    CommitQueue(Limits limits) {
        this.limits = limits;
    }

    /**
     * Puts a transaction in.
     *
     * @throws StoreException {@code OVERLOADED}, or {@code UNAVAILABLE} when it is not open
     */
    void add(Pending pending) {
        lock.lock();
        try {
            requireOpen();
            if (unanswered >= limits.queuedTransactions() || unansweredBytes >= limits.queuedBytes()) {
                throw new StoreException(
                        StoreException.Kind.OVERLOADED,
                        unanswered + " transactions with " + unansweredBytes
                                + " bytes wait to be written: the disk is slower than the callers, try again later");
            }
            unanswered++;
            unansweredBytes += pending.mutations().length;
            waiting.add(pending);
            if (waiting.size() == 1) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts a slice in, which goes with the next batch. One at a time: the folder waits for each.
     *
     * @throws StoreException {@code UNAVAILABLE} when it is not open
     */
    void add(FoldSlice slice) {
        lock.lock();
        try {
            requireOpen();
            if (fold != null) {
                throw new IllegalStateException("another slice waits already");
            }
            fold = slice;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for work; null when there is none and comes none any more. */
    @Nullable
    Work take() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && fold == null && state == State.OPEN) {
                changed.await();
            }
            if (waiting.isEmpty() && fold == null) {
                return null;
            }
            List<Pending> batch = new ArrayList<>(Math.min(waiting.size(), BATCH_TRANSACTIONS));
            int bytes = 0;
            while (!waiting.isEmpty() && batch.size() < BATCH_TRANSACTIONS && bytes < BATCH_BYTES) {
                Pending next = waiting.remove();
                batch.add(next);
                bytes += next.mutations().length;
            }
            FoldSlice slice = fold;
            fold = null;
            return new Work(batch, slice);
        } finally {
            lock.unlock();
        }
    }

    /** Answers what nobody will write any more. */
    void refuseWaiting(StoreException reason) {
        List<Pending> refused;
        FoldSlice slice;
        lock.lock();
        try {
            refused = List.copyOf(waiting);
            waiting.clear();
            slice = fold;
            fold = null;
        } finally {
            lock.unlock();
        }
        answered(refused);
        refused.forEach(pending -> pending.answer().completeExceptionally(reason));
        if (slice != null) {
            slice.done().completeExceptionally(reason);
        }
    }

    /** Waits for the end of the store, at most so long; whether it has come. */
    boolean awaitClosing(Duration most) throws InterruptedException {
        lock.lock();
        try {
            long left = most.toNanos();
            while (left > 0 && (state == State.OPEN || state == State.OBSTRUCTED)) {
                left = changed.awaitNanos(left);
            }
            return state != State.OPEN && state != State.OBSTRUCTED;
        } finally {
            lock.unlock();
        }
    }

    /** Makes room: these were taken and have their answer. */
    void answered(List<Pending> batch) {
        long bytes = 0;
        for (Pending pending : batch) {
            bytes += pending.mutations().length;
        }
        lock.lock();
        try {
            unanswered -= batch.size();
            unansweredBytes -= bytes;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The only way the state changes. A step that the drawing does not have changes nothing.
     *
     * @param why no transaction is taken from now on, as a clause; null when they are
     * @param reason what callers are told; null likewise
     * @return whether this call made the step
     */
    boolean move(State to, @Nullable String why, @Nullable StoreException reason) {
        lock.lock();
        try {
            boolean allowed = switch (state) {
                case OPEN -> to == State.OBSTRUCTED || to == State.CLOSING || to == State.FAILED;
                case OBSTRUCTED -> to != State.CLOSED;
                case CLOSING -> to == State.CLOSED || to == State.FAILED;
                case CLOSED, FAILED -> false;
            };
            if (allowed) {
                state = to;
                refusal = reason;
                obstacle = why;
                changed.signal();
            }
            return allowed;
        } finally {
            lock.unlock();
        }
    }

    /** Why no transaction is taken; null while they are. */
    @Nullable
    String obstacle() {
        return obstacle;
    }

    /** What callers are told; null while transactions are taken. */
    @Nullable
    StoreException refusal() {
        lock.lock();
        try {
            return refusal;
        } finally {
            lock.unlock();
        }
    }

    State state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void requireOpen() {
        if (refusal != null) {
            throw new StoreException(refusal.kind(), String.valueOf(refusal.getMessage()), refusal);
        }
    }
}
