package io.registrycenter.store.sqlite;

import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.StoredRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is asked of the file, each time over one snapshot of it. Stateless; a connection belongs to its caller's thread. */
final class History {

    private History() {}

    /**
     * Every record as it stood at a revision.
     *
     * @param revision at least the floor of the snapshot
     */
    static Map<RecordKey, StoredRecord> stateAt(Connection reader, long revision) throws SQLException {
        Map<RecordKey, StoredRecord> records = stateAtFloor(reader);
        try (PreparedStatement select = reader.prepareStatement(
                "SELECT " + LogRow.COLUMNS + " FROM log WHERE first_revision <= ? ORDER BY first_revision")) {
            select.setLong(1, revision);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    for (Commit commit : LogRow.at(rows).decode()) {
                        if (commit.revision() <= revision) {
                            apply(commit, records);
                        }
                    }
                }
            }
        }
        return records;
    }

    static Map<RecordKey, StoredRecord> stateAtFloor(Connection reader) throws SQLException {
        Map<RecordKey, StoredRecord> records = new HashMap<>();
        try (PreparedStatement select = reader.prepareStatement("SELECT " + StateRow.COLUMNS + " FROM state");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                StoredRecord stored = StateRow.at(rows).decode();
                records.put(stored.key(), stored);
            }
        }
        return records;
    }

    /**
     * The oldest rows that hold commits after one revision and none after another.
     *
     * @param after what is known already; the first row may begin before it
     * @param to rows that reach beyond it are left out
     * @param bytes of commits, after which no further row is taken
     */
    static List<LogRow> slice(Connection reader, long after, long to, long bytes) throws SQLException {
        List<LogRow> slice = new ArrayList<>();
        try (PreparedStatement select = reader.prepareStatement("SELECT " + LogRow.COLUMNS + " FROM log"
                + " WHERE first_revision >= (SELECT coalesce(max(first_revision), 0) FROM log WHERE first_revision <= ?)"
                + " ORDER BY first_revision")) {
            select.setLong(1, after + 1);
            try (ResultSet rows = select.executeQuery()) {
                long taken = 0;
                while (taken < bytes && rows.next()) {
                    LogRow row = LogRow.at(rows);
                    if (row.last() > to) {
                        break;
                    }
                    if (row.last() > after) {
                        slice.add(row);
                        taken += row.commits().length;
                    }
                }
            }
        }
        return slice;
    }

    /** Whether a row of the log ends with this revision. */
    static boolean endsRow(Connection reader, long revision) throws SQLException {
        return number(
                        reader,
                        "SELECT last_revision FROM log WHERE first_revision <= ? ORDER BY first_revision DESC LIMIT 1",
                        revision)
                == revision;
    }

    /** Bytes of all commits up to a revision that ends a row. */
    static long bytes(Connection reader, long revision) throws SQLException {
        return number(reader, "SELECT coalesce(sum(length(commits)), 0) FROM log WHERE first_revision <= ?", revision);
    }

    /** What a query with one parameter finds first, or 0. */
    private static long number(Connection reader, String query, long parameter) throws SQLException {
        try (PreparedStatement select = reader.prepareStatement(query)) {
            select.setLong(1, parameter);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    static void apply(Commit commit, Map<RecordKey, StoredRecord> records) {
        for (Mutation mutation : commit.mutations()) {
            RecordValue value = mutation.value();
            if (value == null) {
                records.remove(mutation.key());
            } else {
                records.put(mutation.key(), new StoredRecord(mutation.key(), commit.revision(), value));
            }
        }
    }
}
