package io.registrycenter.store.sqlite;

import io.registrycenter.store.Commit;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From files to a history that is known to be whole, or a refusal that changed nothing.
 *
 * <p>Everything is checked on a connection that cannot write: the header, SQLite's own structure, the checksum of every row,
 * that the rows of the log follow each other without a gap, that everything can be read, and last that the newest revision
 * is not below the {@link HeadMark}. Only then is the file opened for writing.
 *
 * <p>A database without a readable mark is refused too: nobody could tell whether acknowledged commits are missing. An operator
 * who knows better, because it is a copy put back on purpose, asks for a new epoch: what is there then becomes the beginning
 * of another history, and clients with cursors of the old one are told so.
 */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private static final String ADVICE =
            "; nothing was changed: put back a copy and start with registry.store.new-epoch=true,"
                    + " or move the directory away to start empty";

    /**
     * What was found.
     *
     * @param records every record at the head
     * @param logBytes of all rows above the floor
     */
    record Found(String epoch, long floor, long head, Map<RecordKey, StoredRecord> records, long logBytes) {}

    private final DataDirectory directory;
    private final Path database;
    private final boolean newEpoch;

    Recovery(DataDirectory directory, boolean newEpoch) {
        this.directory = directory;
        this.database = directory.database();
        this.newEpoch = newEpoch;
    }

    /**
     * Makes the database where there is none, else checks and loads it. The mark is there afterwards and agrees.
     *
     * @throws StoreException {@code CORRUPT}, with the files as they were
     */
    Found run() throws IOException, SQLException {
        if (Files.notExists(database)) {
            createWhereNothingWas();
        }
        boolean hadWal = Files.exists(DataDirectory.wal(database));
        boolean hadShm = Files.exists(DataDirectory.shm(database));
        boolean accepted = false;
        try {
            Found found = checked(load());
            accepted = true;
            return found;
        } finally {
            if (!accepted) {
                // Looking makes SQLite put an empty WAL and its index beside the database.
                if (!hadWal
                        && Files.exists(DataDirectory.wal(database))
                        && Files.size(DataDirectory.wal(database)) == 0) {
                    Files.delete(DataDirectory.wal(database));
                }
                if (!hadShm) {
                    Files.deleteIfExists(DataDirectory.shm(database));
                }
            }
        }
    }

    private void createWhereNothingWas() throws IOException, SQLException {
        if (Files.exists(DataDirectory.wal(database))) {
            throw corrupt(database, "it is missing, but its WAL is there");
        }
        Path mark = directory.headMark();
        if (Files.exists(mark)) {
            long acknowledged = readMark().head();
            if (acknowledged > 0) {
                throw corrupt(
                        database, "it is missing, but commits up to revision " + acknowledged + " were acknowledged");
            }
        }
        // The mark first: a database that has no mark is refused.
        String epoch = freshEpoch();
        HeadMark.create(mark, new HeadMark.Content(epoch, 0));
        Database.create(directory, epoch);
    }

    private Found load() {
        try {
            Database.checkHeader(database);
            try (Connection reader = Database.openReader(database)) {
                quickCheck(reader);
                return load(reader);
            }
        } catch (DamagedException e) {
            throw corrupt(database, String.valueOf(e.getMessage()));
        } catch (IOException | SQLException e) {
            throw unreadable(database, e);
        }
    }

    /** Damage, or something outside of the data, as the failure says. */
    private StoreException unreadable(Path file, Exception failure) {
        DiskFault fault = DiskFault.of(failure);
        return fault == null
                ? corrupt(file, String.valueOf(failure.getMessage()))
                : new StoreException(
                        StoreException.Kind.ENVIRONMENT,
                        fault.clause(directory.path(), failure)
                                + "; nothing was changed, and nothing is known to be damaged",
                        failure);
    }

    private static void quickCheck(Connection reader) throws SQLException {
        try (PreparedStatement check = reader.prepareStatement("PRAGMA quick_check(1)");
                ResultSet rows = check.executeQuery()) {
            String answer = rows.next() ? rows.getString(1) : "no answer";
            if (!"ok".equals(answer)) {
                throw new DamagedException("SQLite finds it damaged: " + answer);
            }
        }
    }

    private static Found load(Connection reader) throws SQLException {
        String epoch = Database.epoch(reader);
        long floor = Database.floor(reader);
        Map<RecordKey, StoredRecord> records = History.stateAtFloor(reader);
        for (StoredRecord stored : records.values()) {
            if (stored.revision() > floor) {
                throw new DamagedException("the record " + stored.key().path() + " is above the floor " + floor);
            }
        }
        long head = floor;
        long bytes = 0;
        try (PreparedStatement select =
                        reader.prepareStatement("SELECT " + LogRow.COLUMNS + " FROM log ORDER BY first_revision");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                LogRow row = LogRow.at(rows);
                if (row.first() != head + 1 || row.last() < row.first()) {
                    throw new DamagedException(
                            "after revision " + head + " come the commits " + row.first() + ".." + row.last());
                }
                for (Commit commit : row.decode()) {
                    History.apply(commit, records);
                }
                head = row.last();
                bytes += row.commits().length;
            }
        }
        return new Found(epoch, floor, head, records, bytes);
    }

    /** Holds what was found against the mark. */
    private Found checked(Found found) throws IOException, SQLException {
        if (newEpoch) {
            return withNewEpoch(found);
        }
        HeadMark.Content mark = readMark();
        if (!mark.epoch().equals(found.epoch())) {
            throw corrupt(
                    database,
                    "it holds the history " + found.epoch() + ", but "
                            + directory.headMark().getFileName() + " belongs to " + mark.epoch());
        }
        if (mark.head() > found.head()) {
            throw corrupt(
                    database,
                    "its last commit is " + found.head() + ", but commits up to revision " + mark.head()
                            + " were acknowledged and are missing");
        }
        return found;
    }

    private HeadMark.Content readMark() {
        try {
            return HeadMark.read(directory.headMark());
        } catch (DamagedException e) {
            throw corrupt(
                    directory.headMark(),
                    e.getMessage() + ", so nobody can tell whether acknowledged commits are missing");
        } catch (IOException e) {
            throw unreadable(directory.headMark(), e);
        }
    }

    private Found withNewEpoch(Found found) throws IOException, SQLException {
        String epoch = freshEpoch();
        try (Connection writer = Database.openWriter(database, Limits.DEFAULT.walBytes())) {
            Database.setEpoch(writer, epoch);
        }
        HeadMark.create(directory.headMark(), new HeadMark.Content(epoch, found.head()));
        LOG.warn(
                "The history at {} starts a new epoch {} at revision {}, as asked; where registry.store.new-epoch=true"
                        + " asked, take it out before the next start",
                database,
                epoch,
                found.head());
        return new Found(epoch, found.floor(), found.head(), found.records(), found.logBytes());
    }

    private static String freshEpoch() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static StoreException corrupt(Path file, String reason) {
        return new StoreException(StoreException.Kind.CORRUPT, file + " cannot be used: " + reason + ADVICE);
    }
}
