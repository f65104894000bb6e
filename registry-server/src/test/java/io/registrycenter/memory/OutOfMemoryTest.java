package io.registrycenter.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that runs out of memory ends, wherever the error was thrown and whoever caught it: each in a process of its own. */
class OutOfMemoryTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(Exhausted.Way.class)
    void out_of_memory_ends_the_process_with_one_line_and_its_exit_code(Exhausted.Way way)
            throws IOException, InterruptedException {
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:MaxDirectMemorySize=8m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Exhausted.class.getName(),
                        way.name()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        List<String> lines = Files.readAllLines(err, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("Out of memory ("))
                .toList();
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(OutOfMemory.EXIT_CODE);
        assertThat(lines).singleElement().asString().contains("exit code 12");
    }
}
