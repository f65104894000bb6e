package io.registrycenter.store.sqlite;

import io.registrycenter.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;

/**
 * A database that is made ready beside the one there is, in {@code incoming} of the data directory, and then takes its place in a
 * few renames. What was there goes to {@code replaced-<n>}, whole. Where a crash comes between two renames, no start takes what is
 * there for a history: the mark is in place before the database, and refuses to be without it.
 *
 * <p>Holds the lock of the data directory until it is closed. Confined to one thread; blocks.
 */
final class Incoming implements AutoCloseable {

    private static final String DIRECTORY = "incoming";

    private final Path home;
    private final DataDirectory lock;

    private Incoming(Path home, DataDirectory lock) {
        this.home = home;
        this.lock = lock;
    }

    /**
     * Locks the data directory and makes room.
     *
     * @param replace what is there may be set aside
     * @throws StoreException {@code LOCKED}, {@code OCCUPIED}, {@code CORRUPT} or {@code UNAVAILABLE}
     */
    static Incoming into(Path home, boolean replace) {
        DataDirectory lock = DataDirectory.open(home);
        try {
            NativeLibrary.load(home);
            if (!replace && Files.exists(lock.database()) && !empty(lock)) {
                throw new StoreException(
                        StoreException.Kind.OCCUPIED,
                        "the data directory " + home + " has a history already: take another registry.data-dir, or say"
                                + " --replace to set it aside");
            }
            Incoming incoming = new Incoming(home, lock);
            incoming.clear();
            Files.createDirectories(incoming.directory());
            return incoming;
        } catch (IOException | SQLException e) {
            lock.close();
            throw unavailable(home, e);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static boolean empty(DataDirectory directory) throws IOException, SQLException {
        Recovery.Found found = new Recovery(directory, false).run();
        return found.records().isEmpty();
    }

    /** Where the new database is made; nobody may have it open when it is to take its place. */
    Path directory() {
        return home.resolve(DIRECTORY);
    }

    /** The new database takes its place. */
    void place() {
        try {
            if (Files.exists(lock.database()) || Files.exists(lock.headMark())) {
                Path aside = aside();
                move(home, aside);
            }
            // The mark first: a mark without its database is refused.
            moveOne(directory(), home, lock.headMark());
            moveOne(directory(), home, DataDirectory.wal(lock.database()));
            moveOne(directory(), home, lock.database());
            DataDirectory.forceName(lock.database());
            clear();
        } catch (IOException e) {
            throw unavailable(home, e);
        }
    }

    private void move(Path from, Path to) throws IOException {
        Path database = lock.database();
        for (Path file : List.of(database, DataDirectory.wal(database), DataDirectory.shm(database), lock.headMark())) {
            moveOne(from, to, file);
        }
    }

    private static void moveOne(Path from, Path to, Path named) throws IOException {
        Path name = named.getFileName();
        Path source = from.resolve(name);
        if (Files.exists(source)) {
            Files.move(source, to.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private Path aside() throws IOException {
        int number = 1;
        while (Files.exists(home.resolve("replaced-" + number))) {
            number++;
        }
        return Files.createDirectory(home.resolve("replaced-" + number));
    }

    private void clear() throws IOException {
        Path directory = directory();
        if (Files.exists(directory)) {
            try (var files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    @Override
    public void close() {
        lock.close();
    }

    static StoreException unavailable(Path home, Exception e) {
        return new StoreException(
                StoreException.Kind.UNAVAILABLE,
                "the data directory " + home + " cannot be used (" + e + "): see to the disk",
                e);
    }
}
