package io.registrycenter.store.sqlite;

import io.registrycenter.store.RecordCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * The file and how it is opened.
 *
 * <pre>
 * meta   format, epoch, floor
 * log    one row per group commit: its revisions, and all its commits as JSON
 * state  every record as it stood at the floor
 * </pre>
 *
 * State at the floor, then the rows of the log: that is everything.
 */
final class Database {

    /** "RCtr" in the file's header: a database without it is not ours. */
    private static final int APPLICATION_ID = 0x52437472;

    private static final int HEADER_BYTES = 100;
    private static final int FORMAT_AT = 60;
    private static final int APPLICATION_ID_AT = 68;
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    /** Large rows take fewer pages and checksums; a lone commit still writes only one or two. */
    private static final int PAGE_BYTES = 8192;

    /** What a WAL that has grown is cut down to once it is empty. */
    private static final int WAL_KEPT_BYTES = 64 << 20;

    /** How long a tool of the operator that holds SQLite's lock is waited for. */
    private static final int BUSY_TIMEOUT_MS = 5_000;

    private Database() {}

    /** Makes an empty database. It appears under its name only when it is complete. */
    static void create(DataDirectory directory, String epoch) throws SQLException, IOException {
        Path fresh = directory.newDatabase();
        Files.deleteIfExists(fresh);
        Files.deleteIfExists(DataDirectory.wal(fresh));
        Files.deleteIfExists(DataDirectory.shm(fresh));
        try (Connection connection = JDBC.createConnection(url(fresh), new SQLiteConfig().toProperties());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size=" + PAGE_BYTES);
            statement.execute("PRAGMA application_id=" + APPLICATION_ID);
            statement.execute("PRAGMA user_version=" + RecordCodec.FORMAT);
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID");
            statement.execute("CREATE TABLE log (first_revision INTEGER PRIMARY KEY, last_revision INTEGER NOT NULL,"
                    + " sum INTEGER NOT NULL, commits BLOB NOT NULL) STRICT");
            statement.execute("CREATE TABLE state (path TEXT PRIMARY KEY, revision INTEGER NOT NULL,"
                    + " sum INTEGER NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID");
            statement.execute("INSERT INTO meta VALUES ('format', " + RecordCodec.FORMAT + "), ('floor', 0)");
            setEpoch(connection, epoch);
        }
        Files.move(fresh, directory.database(), StandardCopyOption.ATOMIC_MOVE);
        DataDirectory.forceName(directory.database());
    }

    /**
     * Looks at the first bytes of the file, before SQLite sees it: SQLite takes an empty file for a new database and would
     * throw away the WAL beside it.
     *
     * @throws DamagedException when it is not a registry's database; the message says why
     * @throws IOException when it cannot be read
     */
    static void checkHeader(Path file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // Until the header is there or the file ends.
            }
        }
        if (header.hasRemaining()) {
            throw new DamagedException("it ends after " + header.position() + " bytes");
        }
        if (header.rewind().mismatch(ByteBuffer.wrap(MAGIC)) != MAGIC.length
                || header.getInt(APPLICATION_ID_AT) != APPLICATION_ID) {
            throw new DamagedException("it is not a registry database");
        }
        int format = header.getInt(FORMAT_AT);
        if (format != RecordCodec.FORMAT) {
            throw new DamagedException("its format is " + format + ", this version reads format " + RecordCodec.FORMAT);
        }
    }

    /** A connection that can write. It does not make a database where there is none. */
    static Connection openWriter(Path file, long walBytes) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        Connection connection = JDBC.createConnection(url(file), config.toProperties());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("PRAGMA wal_autocheckpoint=" + walBytes / PAGE_BYTES);
            statement.execute("PRAGMA journal_size_limit=" + WAL_KEPT_BYTES);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** A connection that changes nothing, not even when it is the last one to close. What it reads is one snapshot until it commits. */
    static Connection openReader(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        Connection connection = JDBC.createConnection(url(file), config.toProperties());
        try {
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    static String epoch(Connection connection) throws SQLException {
        return meta(connection, "epoch");
    }

    static long floor(Connection connection) throws SQLException {
        try {
            return Long.parseLong(meta(connection, "floor"));
        } catch (NumberFormatException e) {
            throw new SQLException("meta.floor is no number", e);
        }
    }

    static void setEpoch(Connection connection, String epoch) throws SQLException {
        setMeta(connection, "epoch", ps -> ps.setString(2, epoch));
    }

    static void setFloor(Connection connection, long floor) throws SQLException {
        setMeta(connection, "floor", ps -> ps.setLong(2, floor));
    }

    /** Moves the WAL into the database, forces it, and cuts the WAL down to nothing. */
    static void emptyWal(Connection writer) throws SQLException {
        try (Statement statement = writer.createStatement();
                ResultSet answer = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            if (!answer.next() || answer.getInt(1) != 0) {
                throw new SQLiteException(
                        "another connection reads, so that the WAL cannot be emptied", SQLiteErrorCode.SQLITE_BUSY);
            }
        }
    }

    /** Deletes the rows of the log after a revision that ends one, and writes in any case, which proves that writing works. */
    static void cutAfter(Connection writer, long revision, String epoch) throws SQLException {
        try (PreparedStatement delete = writer.prepareStatement("DELETE FROM log WHERE first_revision > ?")) {
            delete.setLong(1, revision);
            delete.executeUpdate();
        }
        setEpoch(writer, epoch);
    }

    private static String meta(Connection connection, String key) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT value FROM meta WHERE key = ?")) {
            select.setString(1, key);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("meta." + key + " is missing");
                }
                return rows.getString(1);
            }
        }
    }

    private static void setMeta(Connection connection, String key, Bind value) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT OR REPLACE INTO meta VALUES (?, ?)")) {
            upsert.setString(1, key);
            value.bind(upsert);
            upsert.executeUpdate();
        }
    }

    private static String url(Path file) {
        return "jdbc:sqlite:" + file;
    }

    private interface Bind {
        void bind(PreparedStatement statement) throws SQLException;
    }
}
