package io.registrycenter.store.sqlite;

import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One delivery, on a thread of its own: from the tail while it keeps up, from the disk while it is behind.
 *
 * <p>{@code after} and {@code cutOff} are confined to that thread; {@code stopped} is the only thing that others change.
 */
final class SqliteFollowing implements Store.Following {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteFollowing.class);

    /** How much of the log it takes into memory at once. */
    private static final long SLICE_BYTES = 1 << 20;

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Path database;
    private final LongSupplier floor;
    private final Tail tail;
    private final Follower follower;
    private final Consumer<SqliteFollowing> ended;
    private final Thread thread;

    /** Held while the follower is called. */
    private final ReentrantLock calling = new ReentrantLock();

    private volatile boolean stopped;
    private boolean cutOff;
    private long after;

    /**
     * Does not start yet.
     *
     * @param ended told once, when nothing follows any more
     */
    SqliteFollowing(
            Path database,
            LongSupplier floor,
            Tail tail,
            long after,
            Follower follower,
            Consumer<SqliteFollowing> ended) {
        this.database = database;
        this.floor = floor;
        this.tail = tail;
        this.after = after;
        this.follower = follower;
        this.ended = ended;
        this.thread = Thread.ofPlatform().daemon().name("store-follow").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        stopped = true;
        tail.wake();
        // Waits for the call under way; the follower itself may close, for it holds the lock already.
        calling.lock();
        try {
            ended.accept(this);
        } finally {
            calling.unlock();
        }
    }

    /** Waits for the end of the delivery, unless it is the delivery itself that waits. */
    void join(long timeoutMs) throws InterruptedException {
        if (!Thread.currentThread().equals(thread)) {
            thread.join(Math.max(1, timeoutMs));
        }
    }

    private void run() {
        try {
            boolean more = reachesBack(floor.getAsLong());
            while (more) {
                more = switch (tail.await(after, () -> stopped)) {
                    case Tail.Found.Commits found -> {
                        found.batches().forEach(this::deliver);
                        call(follower::batchComplete);
                        yield true;
                    }
                    case Tail.Found.Behind behind -> catchUpInTheEnd();
                    case Tail.Found.Ended end -> {
                        call(() -> follower.lost(end.reason()));
                        yield false;
                    }
                    case Tail.Found.Stopped stop -> false;
                };
                rejoinAtTheHead();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException | Error e) {
            OutOfMemory.endIfCause(e);
            LOG.error("following the history after revision {} ended", after, e);
            call(() -> follower.failed(e));
        } finally {
            ended.accept(this);
        }
    }

    /** As {@link #catchUp}, again and again where the disk fails in a way that can pass: the follower is told that it is cut off. */
    private boolean catchUpInTheEnd() throws SQLException, InterruptedException {
        Duration pause = SHORTEST_PAUSE;
        while (!stopped) {
            try {
                return catchUp();
            } catch (SQLException e) {
                if (DiskFault.of(e) == null) {
                    throw e;
                }
                if (!cutOff) {
                    cutOff = true;
                    LOG.warn(
                            "The history after revision {} cannot be read, this is tried again: {}",
                            after,
                            e.getMessage());
                    call(() -> follower.cutOff(Duration.ZERO));
                }
            }
            StoreException end = tail.pause(pause, () -> stopped);
            if (end != null) {
                call(() -> follower.lost(end));
                return false;
            }
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
        return false;
    }

    private void rejoinAtTheHead() {
        if (cutOff && after >= tail.head()) {
            cutOff = false;
            LOG.info("The history is read again; all is delivered up to revision {}.", after);
            call(follower::rejoined);
        }
    }

    /** Reads the disk until the tail has what comes next; false when the history does not reach back. */
    private boolean catchUp() throws SQLException {
        try (Connection reader = Database.openReader(database)) {
            while (!stopped && after < tail.start()) {
                if (!reachesBack(Database.floor(reader))) {
                    return false;
                }
                List<LogRow> rows = History.slice(reader, after, tail.head(), SLICE_BYTES);
                reader.commit();
                if (rows.isEmpty()) {
                    throw new StoreException(
                            StoreException.Kind.UNAVAILABLE,
                            "the log ends after revision " + after + ", below its head");
                }
                for (LogRow row : rows) {
                    deliver(row.decode());
                }
                call(follower::batchComplete);
            }
        }
        return true;
    }

    private boolean reachesBack(long oldest) {
        if (after < oldest) {
            call(() -> follower.compacted(oldest));
            return false;
        }
        return true;
    }

    private void deliver(List<Commit> commits) {
        for (Commit commit : commits) {
            if (commit.revision() > after) {
                call(() -> follower.commit(commit));
                after = commit.revision();
            }
        }
    }

    private void call(Runnable delivery) {
        calling.lock();
        try {
            if (!stopped) {
                delivery.run();
            }
        } finally {
            calling.unlock();
        }
    }
}
