package io.registrycenter.store.sqlite;

import io.registrycenter.store.Intake;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Begins a history in a data directory: from records that are committed to it, or from a copy of a database that is put back. What
 * was there stands until the new history is whole.
 */
public final class SqliteIntake implements Intake {

    private final Incoming incoming;
    private final SqliteStore store;

    private SqliteIntake(Incoming incoming, SqliteStore store) {
        this.incoming = incoming;
        this.store = store;
    }

    /**
     * Begins an empty one.
     *
     * @param replace a history that is there is set aside when the new one is whole
     * @throws StoreException {@code LOCKED} while a server runs, {@code OCCUPIED}, {@code CORRUPT}, {@code UNAVAILABLE}
     */
    public static SqliteIntake into(Path directory, boolean replace) {
        Incoming incoming = Incoming.into(directory, replace);
        return open(incoming, false);
    }

    /**
     * Begins one with what a copy holds, under a new epoch. The copy is checked as a start checks its data, and not changed.
     *
     * @param copy of a {@code registry.db}, or of the directory with it; a WAL beside it belongs to it
     * @param replace a history that is there is set aside when the new one is whole
     * @throws StoreException as {@link #into}; {@code CORRUPT} also when the copy is damaged or none
     */
    public static SqliteIntake ofCopy(Path copy, Path directory, boolean replace) {
        Path database = Files.isDirectory(copy) ? copy.resolve("registry.db") : copy;
        if (!Files.isRegularFile(database)) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT,
                    "there is no database at " + database + ": name a copy of registry.db");
        }
        Incoming incoming = Incoming.into(directory, replace);
        try {
            Path target = incoming.directory().resolve("registry.db");
            Files.copy(database, target);
            Path wal = DataDirectory.wal(database);
            if (Files.exists(wal)) {
                Files.copy(wal, DataDirectory.wal(target));
            }
        } catch (IOException e) {
            incoming.close();
            throw Incoming.unavailable(directory, e);
        }
        return open(incoming, true);
    }

    private static SqliteIntake open(Incoming incoming, boolean newEpoch) {
        try {
            return new SqliteIntake(incoming, SqliteStore.open(incoming.directory(), newEpoch));
        } catch (RuntimeException e) {
            incoming.close();
            throw e;
        }
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public void finish() {
        store.close();
        incoming.place();
    }

    @Override
    public void close() {
        store.close();
        incoming.close();
    }
}
