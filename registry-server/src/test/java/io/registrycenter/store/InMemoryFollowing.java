package io.registrycenter.store;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One delivery of {@link InMemoryStore}: one call at a time, also when its executor has many threads or none. */
final class InMemoryFollowing implements Store.Following {

    private final InMemoryStore store;
    private final Executor executor;
    private final Follower follower;

    /** How often it was woken since the delivery under way looked; 0: nobody delivers. */
    private final AtomicInteger wakes = new AtomicInteger();

    private final AtomicReference<@Nullable Throwable> lost = new AtomicReference<>();

    /** Held while the follower is called. */
    private final ReentrantLock calling = new ReentrantLock();

    /** Written under {@link #calling}, or by close before it takes it. */
    private volatile boolean ended;

    /** Confined to the delivery under way. */
    private long after;

    InMemoryFollowing(InMemoryStore store, Executor executor, long after, Follower follower) {
        this.store = store;
        this.executor = executor;
        this.after = after;
        this.follower = follower;
    }

    void wake() {
        if (wakes.getAndIncrement() == 0) {
            executor.execute(this::deliver);
        }
    }

    void lose(Throwable cause) {
        lost.compareAndSet(null, cause);
        wake();
    }

    private void deliver() {
        int seen = wakes.get();
        while (seen != 0) {
            boolean more = true;
            while (more) {
                calling.lock();
                try {
                    more = !ended && deliverNext();
                } finally {
                    calling.unlock();
                }
            }
            seen = wakes.addAndGet(-seen);
        }
    }

    private boolean deliverNext() {
        InMemoryStore.Next next = store.next(after);
        Commit commit = next.commit();
        if (commit == null) {
            follower.batchComplete();
        }
        if (next.paused()) {
            return false;
        }
        if (next.compactedTo() > 0) {
            end();
            follower.compacted(next.compactedTo());
            return false;
        }
        if (commit != null) {
            after = commit.revision();
            try {
                follower.commit(commit);
            } catch (RuntimeException e) {
                end();
                follower.failed(e);
            }
            return true;
        }
        return tellLost();
    }

    private boolean tellLost() {
        Throwable cause = lost.get();
        if (cause != null && !ended) {
            end();
            follower.lost(cause);
        }
        return false;
    }

    private void end() {
        ended = true;
        store.forget(this);
    }

    @Override
    public void close() {
        ended = true;
        // Waits for the call under way; the follower itself may close, for it holds the lock already.
        calling.lock();
        try {
            store.forget(this);
        } finally {
            calling.unlock();
        }
    }
}
