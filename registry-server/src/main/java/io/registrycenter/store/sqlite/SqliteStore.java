package io.registrycenter.store.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded engine.
 *
 * <pre>
 * commit() -> encode (caller) -> CommitQueue -> Writer: guards, one row, fsync, HeadMark -> Tail -> followers
 *                                                                                      `-> answers
 * compact() -> Folder: read, decode (own thread) -> CommitQueue -> Writer: one SQL transaction
 * read(), followers behind the tail -> connections that cannot write
 * </pre>
 *
 * Threads: {@code store-writer} (one), {@code store-answers} (one, completes futures), {@code store-fold} (while compacting),
 * {@code store-follow} (one a following), {@code store-space} (one, sees how much is free). All are daemons and end with {@link #close}.
 */
public final class SqliteStore implements Store {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

    /** How long closing waits for the disk and for followers before it gives up on them. */
    private static final long CLOSE_DEADLINE_MS = 2_000;

    private final DataDirectory directory;
    private final WritableDatabase database;
    private final FreeSpace space;
    private final String epoch;
    private final CommitQueue queue;
    private final Tail tail;
    private final Writer writer;
    private final Thread writerThread;
    private final ExecutorService answers;
    private final Folder folder;
    private final Set<SqliteFollowing> followings = ConcurrentHashMap.newKeySet();
    private final ReentrantLock closing = new ReentrantLock();

    @GuardedBy("closing")
    private boolean released;

    private SqliteStore(DataDirectory directory, WritableDatabase database, Recovery.Found found, Options options) {
        this.directory = directory;
        this.database = database;
        this.space = FreeSpace.of(directory.path(), options.freeSpaceWarning());
        this.epoch = found.epoch();
        this.queue = new CommitQueue(options.limits());
        this.tail = new Tail(options.limits(), found.head());
        // Its queue is bounded by the CommitQueue, which counts transactions until they are answered.
        this.answers = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("store-answers").factory());
        Obstruction obstruction = new Obstruction(queue, tail, database, options.retries(), System::nanoTime, answers);
        WriteRetry retry = new WriteRetry(queue, options.retries(), System::nanoTime);
        this.writer = new Writer(database, found, queue, tail, obstruction, retry, answers);
        this.writerThread = Thread.ofPlatform().daemon().name("store-writer").unstarted(writer);
        this.folder = new Folder(directory.database(), queue, database::floor);
    }

    /**
     * How it is opened, besides what a server can set: tests have other numbers, and disks that fail.
     *
     * @param freeSpaceWarning bytes free on the file system, below which it warns; 0: never
     */
    record Options(Limits limits, WriterOpener opener, WriteRetry.Times retries, long freeSpaceWarning) {
        static final Options DEFAULT = new Options(Limits.DEFAULT, Database::openWriter, WriteRetry.Times.DEFAULT, 0);

        Options withLimits(Limits other) {
            return new Options(other, opener, retries, freeSpaceWarning);
        }

        Options withFreeSpaceWarning(long bytes) {
            return new Options(limits, opener, retries, bytes);
        }
    }

    /**
     * Opens the history in a directory, or begins one there. Blocks on the disk: checks everything that is stored.
     *
     * @param newEpoch takes what is there, also a copy that was put back, as the beginning of another history
     * @throws StoreException {@code LOCKED}, {@code CORRUPT} (nothing was changed), {@code ENVIRONMENT} or
     *     {@code UNAVAILABLE}
     */
    public static SqliteStore open(Path directory, boolean newEpoch) {
        return open(directory, newEpoch, Options.DEFAULT);
    }

    /**
     * As {@link #open(Path, boolean)}, with what a server sets.
     *
     * @param waitingBytes of the heap for commits that wait to be written; more are {@code OVERLOADED}
     * @param newestBytes of the heap for the newest commits, which followers get without reading the disk
     * @param freeSpaceWarning bytes free on the file system, below which the log warns; 0: never
     */
    public static SqliteStore open(
            Path directory, boolean newEpoch, long waitingBytes, long newestBytes, long freeSpaceWarning) {
        return open(
                directory,
                newEpoch,
                Options.DEFAULT
                        .withLimits(Limits.within(waitingBytes, newestBytes))
                        .withFreeSpaceWarning(freeSpaceWarning));
    }

    /** Whether there is a history in a directory, whatever its state. */
    public static boolean isThere(Path directory) {
        return Files.exists(directory.resolve("registry.db"));
    }

    static SqliteStore open(Path path, boolean newEpoch, Options options) {
        DataDirectory directory = DataDirectory.open(path);
        HeadMark mark = null;
        Connection connection = null;
        try {
            NativeLibrary.load(directory.path());
            Recovery.Found found = new Recovery(directory, newEpoch).run();
            mark = HeadMark.open(directory.headMark());
            long walBytes = options.limits().walBytes();
            connection = options.opener().open(directory.database(), walBytes);
            mark.set(found.head());
            WritableDatabase database =
                    new WritableDatabase(directory, options.opener(), walBytes, connection, mark, found);
            SqliteStore store = new SqliteStore(directory, database, found, options);
            store.space.start();
            store.writerThread.start();
            return store;
        } catch (IOException | SQLException | RuntimeException e) {
            StoreException failure = e instanceof StoreException known ? known : cannotOpen(path, e);
            closeAfter(failure, connection);
            closeAfter(failure, mark);
            closeAfter(failure, directory);
            throw failure;
        }
    }

    private static StoreException cannotOpen(Path path, Exception e) {
        DiskFault fault = DiskFault.of(e);
        return fault == null
                ? new StoreException(
                        StoreException.Kind.UNAVAILABLE,
                        "the database in " + path + " cannot be opened (" + e.getMessage() + "): see to the disk",
                        e)
                : new StoreException(
                        StoreException.Kind.ENVIRONMENT, fault.clause(path, e) + "; nothing is known to be damaged", e);
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public long head() {
        return tail.head();
    }

    @Override
    public long floor() {
        return database.floor();
    }

    @Override
    public long historyBytes() {
        return database.logBytes();
    }

    @Override
    public long writes() {
        return writer.writes();
    }

    @Override
    public @Nullable String writeObstacle() {
        return queue.obstacle();
    }

    @Override
    public OptionalLong freeBytes() {
        long bytes = space.bytes();
        return bytes == FreeSpace.UNKNOWN ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    @Override
    public CompletableFuture<Outcome> commit(Transaction transaction, Judgement judgement) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        byte[] mutations = RecordCodec.encodeMutations(transaction.mutations());
        try {
            queue.add(new CommitQueue.Pending(transaction, mutations, judgement, answer));
        } catch (StoreException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    @Override
    public List<StoredRecord> read(long revision) {
        if (revision > head()) {
            throw new IllegalArgumentException("revision " + revision + " is above the head " + head());
        }
        try (Connection reader = Database.openReader(directory.database())) {
            long floor = Database.floor(reader);
            if (revision < floor) {
                throw new StoreException(
                        StoreException.Kind.COMPACTED,
                        "revision " + revision + " is below the floor " + floor + ": read a newer one");
            }
            return List.copyOf(History.stateAt(reader, revision).values());
        } catch (SQLException | DamagedException e) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "the history cannot be read (" + e.getMessage() + "): see to the disk",
                    e);
        }
    }

    @Override
    public Following follow(long after, Follower follower) {
        SqliteFollowing following =
                new SqliteFollowing(directory.database(), database::floor, tail, after, follower, followings::remove);
        followings.add(following);
        following.start();
        return following;
    }

    @Override
    public CompletableFuture<Long> compact(long revision) {
        long target = Math.min(revision, head());
        return target <= floor() ? CompletableFuture.completedFuture(floor()) : folder.foldTo(target);
    }

    /**
     * Also ends followings, which are told {@code lost}. Waits for the disk and for followers, but not for ever; a second call
     * waits for the first. Not for threads of the store.
     */
    @Override
    public void close() {
        StoreException reason = new StoreException(StoreException.Kind.UNAVAILABLE, "the store is closed");
        queue.move(CommitQueue.State.CLOSING, reason.getMessage(), reason);
        closing.lock();
        try {
            if (!released) {
                end(reason);
                released = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closing.unlock();
        }
    }

    private void end(StoreException reason) throws InterruptedException {
        space.close();
        folder.close(CLOSE_DEADLINE_MS);
        writerThread.join(CLOSE_DEADLINE_MS);
        boolean written = !writerThread.isAlive();
        // Where the disk hangs, what waits is refused; the file and the lock stay with the writer that still uses them.
        queue.move(written ? CommitQueue.State.CLOSED : CommitQueue.State.FAILED, reason.getMessage(), reason);
        queue.refuseWaiting(reason);
        answers.shutdown();
        boolean answered = answers.awaitTermination(CLOSE_DEADLINE_MS, TimeUnit.MILLISECONDS);
        tail.end(reason);
        for (SqliteFollowing following : followings) {
            following.join(CLOSE_DEADLINE_MS);
        }
        if (!written || !answered || !followings.isEmpty()) {
            LOG.warn(
                    "The store was closed at its deadline of {} ms: written {}, answered {}, followers still busy {}",
                    CLOSE_DEADLINE_MS,
                    written,
                    answered,
                    followings.size());
        }
        if (written) {
            release();
        }
    }

    private void release() {
        try {
            database.close();
        } catch (SQLException | IOException e) {
            // Nothing is lost: the next start takes what is in the WAL.
            LOG.warn("Closing the database in order failed", e);
        } finally {
            directory.close();
        }
    }

    private static void closeAfter(StoreException failure, @Nullable AutoCloseable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
