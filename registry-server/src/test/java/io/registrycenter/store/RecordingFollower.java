package io.registrycenter.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Writes down what it is told; asserts that calls come one at a time. For any thread. */
public final class RecordingFollower implements Follower {

    private static final long DEADLINE_S = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final List<Commit> commits = new ArrayList<>();

    /** How many of the commits are in a batch that is complete. */
    private int complete;

    private long compactedTo = -1;
    private @Nullable Throwable lost;

    @Override
    public void commit(Commit commit) {
        tell(() -> commits.add(commit));
    }

    @Override
    public void batchComplete() {
        tell(() -> complete = commits.size());
    }

    @Override
    public void compacted(long floor) {
        tell(() -> compactedTo = floor);
    }

    @Override
    public void lost(Throwable cause) {
        tell(() -> lost = cause);
    }

    private void tell(Runnable note) {
        if (!oneAtATime.tryLock()) {
            throw new AssertionError("two calls at a time");
        }
        try {
            lock.lock();
            try {
                if (compactedTo >= 0 || lost != null) {
                    throw new AssertionError("a call after the last one");
                }
                note.run();
                told.signalAll();
            } finally {
                lock.unlock();
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Waits for the commit of this revision and for the end of its batch, then gives everything so far. */
    public List<Commit> upTo(long revision) {
        await(() -> complete > 0 && commits.get(complete - 1).revision() >= revision);
        return commits();
    }

    List<Commit> commits() {
        lock.lock();
        try {
            return List.copyOf(commits);
        } finally {
            lock.unlock();
        }
    }

    long compactedTo() {
        await(() -> compactedTo >= 0);
        return compactedTo;
    }

    Throwable lost() {
        await(() -> lost != null);
        Throwable cause = lost;
        if (cause == null) {
            throw new AssertionError("awaited");
        }
        return cause;
    }

    private void await(BooleanSupplier condition) {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(DEADLINE_S);
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    throw new AssertionError("not told within " + DEADLINE_S + " s; commits so far: " + commits.size()
                            + ", compacted " + compactedTo + ", lost " + lost);
                }
                left = told.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }
}
