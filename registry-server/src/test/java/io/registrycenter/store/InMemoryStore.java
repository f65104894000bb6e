package io.registrycenter.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The fake: a whole {@link Store} without a disk, with switches for faults. Deterministic: nothing happens on a thread of
 * its own, commits run on one executor and deliveries on another, which are the caller's thread when none is given. It
 * skips revision numbers, so that nobody takes "+1" for granted.
 *
 * <p>A commit completes its future first, then delivers: writers get a number, not an effect.
 *
 * <p>For any thread; the state is guarded by one lock, futures and followers are called outside of it.
 */
public final class InMemoryStore implements Store {

    /** What becomes of transactions that arrive. */
    private enum Mode {
        /** They are carried out. */
        COMMITTING,
        /** They wait for {@link #releaseCommits}. */
        HOLDING,
        /** They fail as unavailable, nothing is changed. */
        FAILING,
        /** They fail as unavailable, for ever. */
        CLOSED
    }

    private record Waiting(Transaction transaction, Judgement judgement, CompletableFuture<Outcome> answer) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Executor commits;
    private final Executor deliveries;
    private final String epoch;

    // All guarded by lock.
    private final Map<RecordKey, StoredRecord> current = new HashMap<>();
    private final Map<RecordKey, StoredRecord> atFloor = new HashMap<>();
    private final TreeMap<Long, Commit> history = new TreeMap<>();
    private final ArrayDeque<Waiting> held = new ArrayDeque<>();
    private Mode mode = Mode.COMMITTING;
    private long head;
    private long floor;
    private int answersToLose;
    private boolean deliveryPaused;

    private volatile @Nullable String obstacle;

    private final CopyOnWriteArrayList<InMemoryFollowing> followings = new CopyOnWriteArrayList<>();

    /** Commits and delivers on the caller's thread. */
    private final AtomicInteger faults = new AtomicInteger();

    public InMemoryStore() {
        this(Runnable::run, Runnable::run);
    }

    /**
     * @param commits carries out transactions; one at a time and in order, if their order matters to the test
     * @param deliveries calls followers
     */
    public InMemoryStore(Executor commits, Executor deliveries) {
        this(commits, deliveries, "in-memory");
    }

    public InMemoryStore(Executor commits, Executor deliveries, String epoch) {
        this.commits = commits;
        this.deliveries = deliveries;
        this.epoch = epoch;
    }

    // Switches.

    /** Transactions from now on wait, unanswered, until {@link #releaseCommits}. */
    public void holdCommits() {
        move(Mode.HOLDING);
    }

    /** Carries out what waited, in order, and everything from now on. */
    public void releaseCommits() {
        obstacle = null;
        move(Mode.COMMITTING);
        commits.execute(this::carryOutHeld);
    }

    /** Transactions from now on fail as {@code UNAVAILABLE}, nothing changed, until {@link #releaseCommits}. */
    public void failCommits() {
        move(Mode.FAILING);
    }

    /** So many of the next transactions are not taken: {@code commit} itself throws, as out of memory does. */
    public void throwCommits(int count) {
        faults.set(count);
    }

    /** As {@link #failCommits}, and the store says why. */
    public void refuseCommits(String reason) {
        obstacle = reason;
        failCommits();
    }

    /** The next transactions are carried out, but answered with {@code UNAVAILABLE}: the outcome nobody learns. */
    public void loseAnswers(int count) {
        lock.lock();
        try {
            answersToLose = count;
        } finally {
            lock.unlock();
        }
    }

    /** Followers get nothing until {@link #resumeDelivery}; then everything, in order. */
    public void pauseDelivery() {
        setDeliveryPaused(true);
    }

    public void resumeDelivery() {
        setDeliveryPaused(false);
        followings.forEach(InMemoryFollowing::wake);
    }

    /** Every follower is told that the engine cannot deliver any more; the store itself goes on. */
    public void loseFollowers(Throwable cause) {
        followings.forEach(following -> following.lose(cause));
    }

    /** A store of its own with all that is durable here, as a copy of the disk would be: the same history, under the same epoch. */
    public InMemoryStore copy() {
        lock.lock();
        try {
            InMemoryStore copy = new InMemoryStore(commits, deliveries, epoch);
            copy.current.putAll(current);
            copy.atFloor.putAll(atFloor);
            copy.history.putAll(history);
            copy.head = head;
            copy.floor = floor;
            return copy;
        } finally {
            lock.unlock();
        }
    }

    /** How many transactions wait for {@link #releaseCommits}. */
    public int heldCommits() {
        lock.lock();
        try {
            return held.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many followings are neither closed nor ended. */
    public int followings() {
        return followings.size();
    }

    /** The record as it stands at the head, null when there is none: for assertions. */
    public @Nullable StoredRecord record(RecordKey key) {
        lock.lock();
        try {
            return current.get(key);
        } finally {
            lock.unlock();
        }
    }

    // The store.

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public long head() {
        lock.lock();
        try {
            return head;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long floor() {
        lock.lock();
        try {
            return floor;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long historyBytes() {
        lock.lock();
        try {
            return history.values().stream()
                    .mapToLong(commit -> RecordCodec.encodeMutations(commit.mutations()).length)
                    .sum();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable String writeObstacle() {
        return obstacle;
    }

    @Override
    public CompletableFuture<Outcome> commit(Transaction transaction, Judgement judgement) {
        if (faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new AssertionError("a fault of the test");
        }
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        commits.execute(() -> arrive(new Waiting(transaction, judgement, answer)));
        return answer;
    }

    private void arrive(Waiting waiting) {
        Runnable tell;
        lock.lock();
        try {
            tell = switch (mode) {
                case COMMITTING -> carryOut(waiting);
                case HOLDING -> {
                    held.add(waiting);
                    yield () -> {};
                }
                case FAILING, CLOSED -> unanswered(waiting);
            };
        } finally {
            lock.unlock();
        }
        tell.run();
        followings.forEach(InMemoryFollowing::wake);
    }

    private void carryOutHeld() {
        for (; ; ) {
            Runnable tell;
            lock.lock();
            try {
                if (mode != Mode.COMMITTING || held.isEmpty()) {
                    break;
                }
                tell = carryOut(held.remove());
            } finally {
                lock.unlock();
            }
            tell.run();
        }
        followings.forEach(InMemoryFollowing::wake);
    }

    /** Under the lock; what it returns is run outside of it. */
    private Runnable carryOut(Waiting waiting) {
        Outcome outcome;
        try {
            outcome = settle(waiting);
        } catch (RuntimeException e) {
            return () -> waiting.answer().completeExceptionally(e);
        }
        if (answersToLose > 0) {
            answersToLose--;
            return unanswered(waiting);
        }
        return () -> waiting.answer().complete(outcome);
    }

    private Outcome settle(Waiting waiting) {
        Transaction transaction = waiting.transaction();
        if (!waiting.judgement().wanted()) {
            throw StoreException.unwanted();
        }
        if (!guardsHold(transaction)) {
            Map<RecordKey, @Nullable StoredRecord> records = guarded(transaction);
            transaction = waiting.judgement().again(records);
            if (transaction == null || !guardsHold(transaction)) {
                return new Outcome.Conflict(records);
            }
        }
        return new Outcome.Committed(write(transaction.mutations()));
    }

    private static Runnable unanswered(Waiting waiting) {
        return () -> waiting.answer()
                .completeExceptionally(new StoreException(
                        StoreException.Kind.UNAVAILABLE, "the store is out of reach (a switch of the fake)"));
    }

    private boolean guardsHold(Transaction transaction) {
        for (Guard guard : transaction.guards()) {
            StoredRecord record = current.get(guard.key());
            if ((record == null ? 0 : record.revision()) != guard.revision()) {
                return false;
            }
        }
        return true;
    }

    private Map<RecordKey, @Nullable StoredRecord> guarded(Transaction transaction) {
        Map<RecordKey, @Nullable StoredRecord> records = new LinkedHashMap<>();
        for (Guard guard : transaction.guards()) {
            records.put(guard.key(), current.get(guard.key()));
        }
        return records;
    }

    private long write(List<Mutation> mutations) {
        if (!mutations.isEmpty()) {
            head += 2 + history.size() % 3;
            Commit commit = new Commit(head, mutations);
            history.put(head, commit);
            apply(commit, current);
        }
        return head;
    }

    private static void apply(Commit commit, Map<RecordKey, StoredRecord> records) {
        for (Mutation mutation : commit.mutations()) {
            RecordValue value = mutation.value();
            if (value == null) {
                records.remove(mutation.key());
            } else {
                records.put(mutation.key(), new StoredRecord(mutation.key(), commit.revision(), value));
            }
        }
    }

    @Override
    public List<StoredRecord> read(long revision) {
        lock.lock();
        try {
            if (revision < floor) {
                throw new StoreException(
                        StoreException.Kind.COMPACTED, "revision " + revision + " is below the floor " + floor);
            }
            if (revision > head) {
                throw new IllegalArgumentException("revision " + revision + " is above the head " + head);
            }
            Map<RecordKey, StoredRecord> records = new HashMap<>(atFloor);
            history.headMap(revision, true).values().forEach(commit -> apply(commit, records));
            return List.copyOf(records.values());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Following follow(long after, Follower follower) {
        InMemoryFollowing following = new InMemoryFollowing(this, deliveries, after, follower);
        followings.add(following);
        following.wake();
        return following;
    }

    @Override
    public CompletableFuture<Long> compact(long revision) {
        lock.lock();
        try {
            long target = Math.min(revision, head);
            if (target > floor) {
                Map<Long, Commit> folded = history.headMap(target, true);
                folded.values().forEach(commit -> apply(commit, atFloor));
                folded.clear();
                floor = target;
            }
            return CompletableFuture.completedFuture(floor);
        } finally {
            lock.unlock();
        }
    }

    /** Carries out what waits, then refuses; followers get what is durable, then {@code lost}. */
    @Override
    public void close() {
        List<Runnable> tell = new ArrayList<>();
        lock.lock();
        try {
            while (mode != Mode.CLOSED && !held.isEmpty()) {
                tell.add(carryOut(held.remove()));
            }
        } finally {
            lock.unlock();
        }
        move(Mode.CLOSED);
        tell.forEach(Runnable::run);
        loseFollowers(new StoreException(StoreException.Kind.UNAVAILABLE, "the store was closed"));
    }

    /** The only way the mode changes: closed is final. */
    private void move(Mode to) {
        lock.lock();
        try {
            if (mode != Mode.CLOSED) {
                mode = to;
            }
        } finally {
            lock.unlock();
        }
    }

    private void setDeliveryPaused(boolean paused) {
        lock.lock();
        try {
            deliveryPaused = paused;
        } finally {
            lock.unlock();
        }
    }

    // For followings.

    /** What comes next for someone who has everything up to {@code after}. */
    Next next(long after) {
        lock.lock();
        try {
            if (deliveryPaused) {
                return new Next(true, 0, null);
            }
            if (after < floor) {
                return new Next(false, floor, null);
            }
            Map.Entry<Long, Commit> entry = history.higherEntry(after);
            return new Next(false, 0, entry == null ? null : entry.getValue());
        } finally {
            lock.unlock();
        }
    }

    void forget(InMemoryFollowing following) {
        followings.remove(following);
    }

    /**
     * What a follower gets next.
     *
     * @param paused nothing at all, for now
     * @param compactedTo the floor, when the history does not reach back; else 0
     * @param commit null: nothing yet
     */
    record Next(boolean paused, long compactedTo, @Nullable Commit commit) {}
}
