package io.registrycenter.e2e.container;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registrycenter.e2e.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A plain process; where its program is not installed the test is skipped and says so. */
final class ProcessBox extends Box {

    private final Path home;
    private final String program;
    private @Nullable Program running;

    ProcessBox(Recipe recipe, Path directory) {
        super(recipe);
        Optional<Path> found = find(recipe.program());
        assumeTrue(found.isPresent(), recipe.program() + " is not installed (.ci/prepare installs it)");
        program = found.orElseThrow().toString();
        try {
            home = Files.createTempDirectory(directory, recipe.program());
            Files.writeString(home.resolve("configuration"), recipe.configuration());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> find(String program) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    void run() {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(recipe().argumentsIn(home.toString()));
        running = Program.start(recipe().program(), home, command);
    }

    private Program running() {
        if (running == null) {
            throw new IllegalStateException(recipe().program() + " was not started");
        }
        return running;
    }

    @Override
    void kill() {
        running().kill();
    }

    @Override
    String errors() {
        return running().errors();
    }

    @Override
    public void close() {
        if (running != null) {
            running.close();
        }
    }
}
