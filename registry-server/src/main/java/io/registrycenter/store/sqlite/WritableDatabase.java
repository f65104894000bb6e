package io.registrycenter.store.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database as the writer uses it: a connection that can write, and the {@link HeadMark}.
 *
 * <p>A connection that met a failure is never used again. SQLite ends a transaction at some failures by itself; the driver, which
 * still believes in it, would then make each later statement durable on its own, and {@code rollback} does not help. The next
 * use opens another connection, and first brings the files back to what was acknowledged; see {@link #renew}.
 *
 * <p>Confined to the writer thread; {@link #floor} and {@link #logBytes} are for any.
 */
final class WritableDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WritableDatabase.class);

    /** What must be free on the disk before writes are taken again: some batches, so that they do not come and go. */
    private static final int ROOM_BYTES = 1 << 20;

    private final DataDirectory directory;
    private final WriterOpener opener;
    private final long walBytes;
    private final String epoch;
    private final HeadMark mark;
    private final AtomicLong floor;
    private final AtomicLong logBytes;

    /** Null from a failure until the next renewal. */
    private @Nullable Connection connection;

    private @Nullable PreparedStatement insert;

    /** The last revision that was written, marked, and may have been told. */
    private long head;

    /** Where the floor is if the last fold, whose outcome is not known, was carried out. */
    private long attemptedFloor;

    /** Takes over a connection and the mark. */
    WritableDatabase(
            DataDirectory directory,
            WriterOpener opener,
            long walBytes,
            Connection connection,
            HeadMark mark,
            Recovery.Found found)
            throws SQLException {
        this.directory = directory;
        this.opener = opener;
        this.walBytes = walBytes;
        this.epoch = found.epoch();
        this.mark = mark;
        this.floor = new AtomicLong(found.floor());
        this.logBytes = new AtomicLong(found.logBytes());
        this.head = found.head();
        this.attemptedFloor = found.floor();
        this.insert = insertInto(connection);
        this.connection = connection;
    }

    long floor() {
        return floor.get();
    }

    long logBytes() {
        return logBytes.get();
    }

    /** The directory, for messages. */
    Path path() {
        return directory.path();
    }

    /** Writes a row, forces it, and marks it: one statement outside of a transaction is a transaction. */
    void append(LogRow row) throws SQLException, IOException {
        if (connection == null) {
            renew();
        }
        try {
            write(row);
            mark.set(row.last());
        } catch (SQLException | IOException | RuntimeException | Error e) {
            discard();
            throw e;
        }
        head = row.last();
        logBytes.addAndGet(row.commits().length);
    }

    private void write(LogRow row) throws SQLException {
        PreparedStatement statement = insert;
        if (statement == null) {
            throw new IllegalStateException("no connection");
        }
        statement.setLong(1, row.first());
        statement.setLong(2, row.last());
        statement.setLong(3, row.sum());
        statement.setBytes(4, row.commits());
        statement.executeUpdate();
    }

    /** Folds a slice into the state, in one transaction, unless an earlier try did it although it seemed to fail. */
    void fold(FoldSlice slice) throws SQLException, IOException {
        if (connection == null) {
            renew();
            if (floor.get() >= slice.floor()) {
                return;
            }
        }
        Connection used = connection;
        if (used == null) {
            throw new IllegalStateException("no connection");
        }
        attemptedFloor = slice.floor();
        try {
            slice.carryOut(used);
        } catch (SQLException | RuntimeException | Error e) {
            discard();
            throw e;
        }
        floor.set(slice.floor());
        logBytes.addAndGet(-slice.bytes());
    }

    /**
     * Opens a connection in place of one that failed, and brings the files back to what was acknowledged. What the failed one may
     * have left behind is removed before anything is written; the WAL is emptied into the database, since a page of it whose
     * forced write failed counts as written for the system and is not written again; and there is room for some more.
     *
     * @throws DamagedException when acknowledged commits are not there, or others are: nothing was changed
     */
    void renew() throws SQLException, IOException {
        discard();
        Path database = directory.database();
        Database.checkHeader(database);
        Connection fresh = opener.open(database, walBytes);
        try {
            verify(fresh);
            // The mark first: it must never be above the database.
            mark.setAndForce(head);
            Database.emptyWal(fresh);
            requireRoom();
            Database.cutAfter(fresh, head, epoch);
            insert = insertInto(fresh);
            connection = fresh;
        } finally {
            if (connection == null) {
                close(fresh);
            }
        }
    }

    private void verify(Connection fresh) throws SQLException {
        String found = Database.epoch(fresh);
        if (!found.equals(epoch)) {
            throw new DamagedException("it holds the history " + found + " instead of " + epoch);
        }
        long foundFloor = Database.floor(fresh);
        if (foundFloor != floor.get() && foundFloor != attemptedFloor) {
            throw new DamagedException("its history begins at " + foundFloor + " instead of " + floor);
        }
        if (head > foundFloor && !History.endsRow(fresh, head)) {
            throw new DamagedException("commits up to revision " + head + " were acknowledged and are missing");
        }
        floor.set(foundFloor);
        logBytes.set(History.bytes(fresh, head));
    }

    /** Proves it by a write, which also meets quotas that free bytes do not tell of. */
    private void requireRoom() throws IOException {
        Path probe = directory.roomProbe();
        try (FileChannel channel = FileChannel.open(
                probe, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(ROOM_BYTES);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            channel.force(true);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private static PreparedStatement insertInto(Connection connection) throws SQLException {
        return connection.prepareStatement("INSERT INTO log VALUES (?, ?, ?, ?)");
    }

    private void discard() {
        Connection failed = connection;
        connection = null;
        insert = null;
        if (failed != null) {
            close(failed);
        }
    }

    private static void close(Connection failed) {
        try {
            failed.close();
        } catch (SQLException e) {
            // Closing rolls back what is open; what it could not write is looked at by the next renewal or start.
            LOG.debug("A connection that failed was not closed in order", e);
        }
    }

    /** Moves what is in the WAL into the database, where that works; the next start does it otherwise. */
    @Override
    public void close() throws SQLException, IOException {
        Connection last = connection;
        connection = null;
        insert = null;
        try (mark) {
            if (last != null) {
                last.close();
            }
        }
    }
}
