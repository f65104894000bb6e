package io.registrycenter.store.sqlite;

import io.registrycenter.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The directory with everything that is durable, held by one process at a time. Immutable; closing gives it up.
 *
 * <p>{@code registry.db} with its {@code -wal} and {@code -shm} is SQLite's, {@code registry.head} is {@link HeadMark}'s,
 * {@code registry.lock} is empty and only locked. SQLite's own locks stay shared, so that an operator can look into a running
 * registry with {@code sqlite3 -readonly}.
 */
final class DataDirectory implements AutoCloseable {

    /** Held by this process: a second channel on the lock file would, when closed, give up the lock of the first. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel lockFile;

    private DataDirectory(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /**
     * Makes it where it is missing, readable by its owner alone, and locks it.
     *
     * @throws StoreException {@code LOCKED}, {@code ENVIRONMENT}
     */
    static DataDirectory open(Path path) {
        Path directory;
        try {
            directory = create(path).toRealPath();
        } catch (IOException e) {
            throw unavailable(path, e);
        }
        if (!HELD.add(directory)) {
            throw locked(directory);
        }
        try {
            return new DataDirectory(directory, lock(directory));
        } catch (IOException e) {
            HELD.remove(directory);
            throw unavailable(directory, e);
        } catch (StoreException e) {
            HELD.remove(directory);
            throw e;
        }
    }

    Path database() {
        return directory.resolve("registry.db");
    }

    Path path() {
        return directory;
    }

    /** Written and deleted to see whether there is room. */
    Path roomProbe() {
        return directory.resolve("registry.room");
    }

    Path newDatabase() {
        return directory.resolve("registry.db.new");
    }

    Path headMark() {
        return directory.resolve("registry.head");
    }

    static Path wal(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal");
    }

    static Path shm(Path database) {
        return database.resolveSibling(database.getFileName() + "-shm");
    }

    /** Makes the name of a file that was just moved into its place survive a loss of power, where the system can. */
    static void forceName(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null && posix()) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw unavailable(directory, e);
        } finally {
            HELD.remove(directory);
        }
    }

    private static Path create(Path directory) throws IOException {
        FileAttribute<?>[] ownerOnly = posix()
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        return Files.createDirectories(directory, ownerOnly);
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve("registry.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw locked(directory);
        }
        return channel;
    }

    private static boolean posix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    private static StoreException locked(Path directory) {
        return new StoreException(
                StoreException.Kind.LOCKED,
                "the data directory " + directory
                        + " is in use by another server: stop that one, or give this one its own with registry.data-dir");
    }

    private static StoreException unavailable(Path directory, IOException e) {
        return new StoreException(
                StoreException.Kind.ENVIRONMENT,
                "the data directory " + directory + " cannot be used (" + e
                        + "): name a directory that this user may write to with registry.data-dir, or let it write to this one",
                e);
    }
}
