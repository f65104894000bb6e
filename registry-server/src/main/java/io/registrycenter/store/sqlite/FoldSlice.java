package io.registrycenter.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The oldest rows of the log, ready to become part of the state: one SQL transaction for the writer.
 *
 * @param floor where the floor is afterwards: the last revision of the last row
 * @param rows how many rows of the log go
 * @param bytes of commits in them
 * @param puts newest value of each record written in them
 * @param deletes paths of records deleted in them
 * @param done completes when it is durable
 */
record FoldSlice(
        long floor, int rows, long bytes, List<StateRow> puts, List<String> deletes, CompletableFuture<Long> done) {

    /**
     * Carries it out as one transaction. A connection that this fails on must not be used again: whether the transaction is still
     * open is not known.
     */
    void carryOut(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement put = connection.prepareStatement("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)");
                PreparedStatement delete = connection.prepareStatement("DELETE FROM state WHERE path = ?");
                PreparedStatement forget = connection.prepareStatement("DELETE FROM log WHERE first_revision <= ?")) {
            for (StateRow row : puts) {
                put.setString(1, row.path());
                put.setLong(2, row.revision());
                put.setLong(3, row.sum());
                put.setBytes(4, row.value());
                put.executeUpdate();
            }
            for (String path : deletes) {
                delete.setString(1, path);
                delete.executeUpdate();
            }
            forget.setLong(1, floor);
            int forgotten = forget.executeUpdate();
            if (forgotten != rows) {
                throw new SQLException("folding " + rows + " rows found " + forgotten);
            }
            Database.setFloor(connection, floor);
            connection.commit();
        }
        connection.setAutoCommit(true);
    }
}
