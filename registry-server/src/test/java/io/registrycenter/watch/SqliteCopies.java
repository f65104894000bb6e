package io.registrycenter.watch;

import io.registrycenter.store.Store;
import io.registrycenter.store.sqlite.SqliteStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

/** Copies of the whole data directory of the embedded engine, taken while it runs. */
final class SqliteCopies implements CopiedEngine {

    private final Path root;
    private final Path data;
    private Store store;
    private int copies;

    SqliteCopies() {
        try {
            root = Files.createTempDirectory("put-back");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        data = root.resolve("data");
        store = SqliteStore.open(data, false);
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public void copy() {
        move(data, copyOf(copies++));
    }

    @Override
    public void putBack(int copy) {
        store.close();
        delete(data);
        move(copyOf(copy), data);
        store = SqliteStore.open(data, false);
    }

    @Override
    public void restart() {
        store.close();
        store = SqliteStore.open(data, false);
    }

    @Override
    public void close() {
        store.close();
        delete(root);
    }

    private Path copyOf(int number) {
        return root.resolve("copy-" + number);
    }

    private static void move(Path from, Path to) {
        try {
            FileSystemUtils.copyRecursively(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
