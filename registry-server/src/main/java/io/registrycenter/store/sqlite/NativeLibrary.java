package io.registrycenter.store.sqlite;

import io.registrycenter.store.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's library, which the driver unpacks and loads. That is done before anything is opened, so that a failure of it is not
 * taken for one of the data. Where the temp directory cannot hold it, it is unpacked to {@code native} in the data directory.
 */
final class NativeLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    /** Of the driver: where it unpacks its library; {@code java.io.tmpdir} where it is not set. */
    private static final String WORK_DIRECTORY = "org.sqlite.tmpdir";

    private NativeLibrary() {}

    /**
     * Loads it unless it is loaded.
     *
     * @param data directory that this process has locked
     * @throws StoreException {@code ENVIRONMENT}
     */
    static synchronized void load(Path data) {
        String first = failure();
        if (first == null) {
            return;
        }
        Path fallback = data.resolve("native");
        String set = System.getProperty(WORK_DIRECTORY);
        Path work = Path.of(set == null ? System.getProperty("java.io.tmpdir") : set);
        String second = prepared(fallback);
        if (second == null) {
            System.setProperty(WORK_DIRECTORY, fallback.toString());
            second = failure();
        }
        if (second != null) {
            throw new StoreException(
                    StoreException.Kind.ENVIRONMENT,
                    "the SQLite library cannot be loaded, neither from " + work + " nor from " + fallback + " ("
                            + second
                            + "); the data was not touched: name a directory that is writable and not mounted noexec"
                            + " with -Dorg.sqlite.tmpdir=... or -Djava.io.tmpdir=...");
        }
        LOG.warn(
                "The SQLite library cannot be loaded from {} ({}); it is loaded from {}. Another place is named with"
                        + " -Dorg.sqlite.tmpdir=... or -Djava.io.tmpdir=...",
                work,
                first,
                fallback);
    }

    /** Why it cannot be loaded; null when it is. The driver throws whatever it meets. */
    private static @Nullable String failure() {
        try {
            return SQLiteJDBCLoader.initialize() ? null : "the driver does not say why";
        } catch (Exception | LinkageError e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Makes the directory, and removes what processes that were killed left there; why that failed, or null. */
    private static @Nullable String prepared(Path directory) {
        try {
            Files.createDirectories(directory);
            try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "sqlite-*")) {
                for (Path file : left) {
                    Files.delete(file);
                }
            }
            return null;
        } catch (IOException e) {
            return e.toString();
        }
    }
}
