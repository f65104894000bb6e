package io.registrycenter.store.sqlite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories for tests, also for tries of properties; all go when the JVM goes. */
final class TestDirectory {

    private static final Path ROOT = root();

    private TestDirectory() {}

    static Path fresh() {
        try {
            return Files.createTempDirectory(ROOT, "data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A copy of the files as they are now, also while a store has them open: what a kill would leave. */
    static Path copyOf(Path directory) throws IOException {
        Path copy = fresh();
        for (Path file : files(directory)) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Path root() {
        try {
            Path root = Files.createTempDirectory("store-test");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    delete(root);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
