package io.registrycenter.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoreState;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view's connection to its store. The history is followed; where it no longer reaches back to the view, or could not be
 * followed, the whole state is read anew and followed from there.
 *
 * <pre>
 *    FOLLOWING --compacted, failed, readAnew--> READING --state read--> FOLLOWING
 *                                  READING --could not--> WAITING --its time has come--> READING
 *    any --lost, close--> ENDED
 * </pre>
 *
 * A following that ends soon after the state was read counts as a try that failed, so that a fault which comes again and again
 * does not read the store all the time. Between tries it waits for at most {@link #LONGEST_WAIT}, with full jitter, since all
 * servers of a store may have to read it at once.
 *
 * <p>For any thread. The applier is called by the following's thread or by the reader, never by both at a time.
 */
public final class FollowedStore implements AutoCloseable {

    static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /** A following that goes on for so long is no failed try. */
    static final Duration STEADY = Duration.ofSeconds(30);

    private static final long FIRST_WAIT_NANOS = Duration.ofMillis(250).toNanos();
    private static final Logger log = LoggerFactory.getLogger(FollowedStore.class);

    private enum State {
        FOLLOWING,
        READING,
        WAITING,
        ENDED
    }

    private final Store store;
    private final Applier applier;
    private final Executor reader;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final AtomicLong rereads = new AtomicLong();

    @GuardedBy("this")
    private State state = State.FOLLOWING;

    /** The newest; what an earlier one delivers is ignored. */
    @GuardedBy("this")
    private @Nullable Link link;

    /** Tries in a row that did not lead to a steady following. */
    @GuardedBy("this")
    private int failures;

    @GuardedBy("this")
    private long followingSince;

    @GuardedBy("this")
    private long nextTry;

    /**
     * Follows nothing yet.
     *
     * @param reader runs what blocks on the store; one task at a time, and one more may wait
     * @param nanoTime monotonic, as {@link System#nanoTime}
     */
    public FollowedStore(Store store, Applier applier, Executor reader, LongSupplier nanoTime, RandomGenerator random) {
        this.store = store;
        this.applier = applier;
        this.reader = reader;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** Begins to follow after a revision whose state the applier has. Once. */
    public void begin(long after) {
        follow(after);
    }

    /** How often the state was read anew. */
    public long rereads() {
        return rereads.get();
    }

    /**
     * Ends the following there is, takes the newest state of the store in place of what the view shows, and follows from there.
     * Tries until it succeeds; the view is stale meanwhile. Returns at once, and does nothing while this is under way already.
     */
    public void readAnew(StoreException why) {
        outdated(null, why);
    }

    /** Tries again when it is time. Called a few times a second. */
    public void tick() {
        synchronized (this) {
            if (state != State.WAITING || nextTry - nanoTime.getAsLong() > 0) {
                return;
            }
            state = State.READING;
        }
        startReading();
    }

    /** Follows no more. When this has returned, the following calls nobody; a reading that is under way changes nothing more. */
    @Override
    public void close() {
        Link last;
        synchronized (this) {
            state = State.ENDED;
            last = link;
            link = null;
        }
        if (last != null) {
            last.close();
        }
    }

    /** @param from which following says so; null: somebody else */
    private void outdated(@Nullable Link from, StoreException why) {
        long wait;
        synchronized (this) {
            if (state != State.FOLLOWING || (from != null && from != link)) {
                return;
            }
            long now = nanoTime.getAsLong();
            failures = now - followingSince >= STEADY.toNanos() ? 0 : failures;
            wait = failures == 0 ? 0 : jittered();
            failures++;
            nextTry = now + wait;
            state = wait == 0 ? State.READING : State.WAITING;
        }
        applier.outdated();
        log.warn(
                "{}: the whole state is read anew, until then what is served is stale.",
                why.getMessage(),
                why.getCause());
        if (wait == 0) {
            startReading();
        }
    }

    @GuardedBy("this")
    private long jittered() {
        long limit = Math.min(LONGEST_WAIT.toNanos(), FIRST_WAIT_NANOS << Math.min(failures - 1, 16));
        return 1 + random.nextLong(limit);
    }

    private void startReading() {
        try {
            reader.execute(this::read);
        } catch (RejectedExecutionException stopped) {
            close();
        }
    }

    private void read() {
        try {
            endFollowing();
            StoreState newest = store.readNewest();
            if (ended()) {
                return;
            }
            applier.replace(newest);
            rereads.incrementAndGet();
            log.info("The state was read anew at revision {}: this server goes on from there.", newest.revision());
            applier.caughtUp();
            follow(newest.revision());
        } catch (RuntimeException | Error fault) {
            OutOfMemory.endIfCause(fault);
            later(fault);
        }
    }

    /** The view shows all that was delivered, and nothing more comes. */
    private void endFollowing() {
        Link former;
        synchronized (this) {
            former = link;
            link = null;
        }
        if (former != null) {
            former.close();
            applier.batchComplete();
        }
    }

    private synchronized boolean ended() {
        return state == State.ENDED;
    }

    private void later(Throwable fault) {
        long waitMs;
        int tries;
        synchronized (this) {
            if (state == State.ENDED) {
                return;
            }
            long wait = jittered();
            tries = failures++;
            nextTry = nanoTime.getAsLong() + wait;
            waitMs = wait / 1_000_000;
            state = State.WAITING;
        }
        applier.outdated();
        if (fault instanceof StoreException trouble && tries > 1) {
            log.info("The state could not be read anew, next try in {} ms: {}", waitMs, trouble.getMessage());
        } else {
            log.warn(
                    "The state could not be read anew, it is tried again until it can; next try in {} ms",
                    waitMs,
                    fault);
        }
    }

    private void follow(long after) {
        Link next = new Link();
        synchronized (this) {
            if (state == State.ENDED) {
                return;
            }
            state = State.FOLLOWING;
            followingSince = nanoTime.getAsLong();
            link = next;
        }
        next.opened(store.follow(after, next));
    }

    /** One following of the store, from its begin to its end. */
    private final class Link implements Follower {

        @GuardedBy("this")
        private Store.@Nullable Following following;

        @GuardedBy("this")
        private boolean closed;

        void opened(Store.Following opened) {
            synchronized (this) {
                following = opened;
                if (!closed) {
                    return;
                }
            }
            opened.close();
        }

        /** Waits for the call under way. */
        void close() {
            Store.Following open;
            synchronized (this) {
                closed = true;
                open = following;
            }
            if (open != null) {
                open.close();
            }
        }

        @Override
        public void commit(Commit commit) {
            applier.commit(commit);
        }

        @Override
        public void batchComplete() {
            applier.batchComplete();
        }

        @Override
        public void passed(long revision) {
            applier.passed(revision);
        }

        @Override
        public void cutOff(Duration silence) {
            applier.cutOff(silence);
        }

        @Override
        public void rejoined() {
            applier.rejoined();
        }

        @Override
        public void compacted(long floor) {
            outdated(this, applier.compactedTo(floor));
        }

        @Override
        public void failed(Throwable cause) {
            outdated(
                    this,
                    new StoreException(StoreException.Kind.UNAVAILABLE, "the history could not be followed", cause));
        }

        @Override
        public void lost(Throwable cause) {
            synchronized (FollowedStore.this) {
                if (link != this) {
                    return;
                }
                state = State.ENDED;
            }
            applier.lost(cause);
        }
    }
}
