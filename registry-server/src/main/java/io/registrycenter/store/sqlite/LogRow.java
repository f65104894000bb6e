package io.registrycenter.store.sqlite;

import io.registrycenter.store.Commit;
import io.registrycenter.store.RecordCodec;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One group commit as it is stored.
 *
 * @param first revision of its first commit
 * @param last revision of its last commit; this engine leaves no gaps
 * @param commits all of them, as {@code RecordCodec} reads them
 */
record LogRow(long first, long last, byte[] commits) {

    static final String COLUMNS = "first_revision, last_revision, sum, commits";

    /**
     * The row a result set of {@link #COLUMNS} stands at.
     *
     * @throws DamagedException when its checksum is wrong
     */
    static LogRow at(ResultSet rows) throws SQLException {
        LogRow row = new LogRow(rows.getLong(1), rows.getLong(2), bytes(rows, 4));
        if (row.sum() != rows.getLong(3)) {
            throw new DamagedException("the checksum of the commits " + row.first + ".." + row.last + " is wrong");
        }
        return row;
    }

    long sum() {
        return sum(ByteBuffer.allocate(16).putLong(first).putLong(last).array(), commits);
    }

    /**
     * Its commits.
     *
     * @throws DamagedException when they cannot be read or are not the revisions of the row
     */
    List<Commit> decode() {
        List<Commit> decoded;
        try {
            decoded = RecordCodec.decodeCommits(commits);
        } catch (IllegalArgumentException e) {
            throw new DamagedException("the commits " + first + ".." + last + " cannot be read: " + e.getMessage(), e);
        }
        long expected = first;
        for (Commit commit : decoded) {
            if (commit.revision() != expected++) {
                throw new DamagedException("the row of the commits " + first + ".." + last + " holds others");
            }
        }
        if (expected != last + 1) {
            throw new DamagedException("the row of the commits " + first + ".." + last + " does not hold them all");
        }
        return decoded;
    }

    /** Checksum of two byte strings, the first of them of a length that the second cannot change. */
    static long sum(byte[] head, byte[] rest) {
        CRC32C sum = new CRC32C();
        sum.update(head);
        sum.update(rest);
        return sum.getValue();
    }

    static byte[] bytes(ResultSet rows, int column) throws SQLException {
        byte[] bytes = rows.getBytes(column);
        return bytes == null ? new byte[0] : bytes;
    }
}
