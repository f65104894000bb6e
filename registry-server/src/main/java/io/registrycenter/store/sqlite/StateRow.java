package io.registrycenter.store.sqlite;

import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.StoredRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * One record as it stood at the floor.
 *
 * @param path of its key
 * @param revision of the commit that wrote it
 * @param value as {@code RecordCodec} reads it
 */
record StateRow(String path, long revision, byte[] value) {

    static final String COLUMNS = "path, revision, sum, value";

    /**
     * The row a result set of {@link #COLUMNS} stands at.
     *
     * @throws DamagedException when its checksum is wrong
     */
    static StateRow at(ResultSet rows) throws SQLException {
        StateRow row = new StateRow(rows.getString(1), rows.getLong(2), LogRow.bytes(rows, 4));
        if (row.sum() != rows.getLong(3)) {
            throw new DamagedException("the checksum of the record " + row.path + " is wrong");
        }
        return row;
    }

    long sum() {
        byte[] key = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer head = ByteBuffer.allocate(12 + key.length);
        return LogRow.sum(head.putInt(key.length).putLong(revision).put(key).array(), value);
    }

    /**
     * The record.
     *
     * @throws DamagedException when it cannot be read
     */
    StoredRecord decode() {
        try {
            return new StoredRecord(RecordKey.parse(path), revision, RecordCodec.decode(value));
        } catch (IllegalArgumentException e) {
            throw new DamagedException("the record " + path + " cannot be read: " + e.getMessage(), e);
        }
    }
}
