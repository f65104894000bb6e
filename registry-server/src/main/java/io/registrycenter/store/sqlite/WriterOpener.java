package io.registrycenter.store.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** How the engine gets a connection that can write, at its start and after a failure. Called on one thread at a time. */
interface WriterOpener {

    /**
     * Opens a database that is there.
     *
     * @param walBytes in the WAL, before the connection moves them into the database
     */
    Connection open(Path database, long walBytes) throws SQLException;
}
