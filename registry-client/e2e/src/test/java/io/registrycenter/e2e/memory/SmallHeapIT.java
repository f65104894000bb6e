package io.registrycenter.e2e.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.e2e.process.Metrics;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes that are several times what the heap holds, and processes that must fit into a container. */
class SmallHeapIT {

    /** What a container of 512 MiB gives a JVM that is told nothing else. */
    private static final String JVM = "-Xmx128m";

    private static final long CONTAINER_MB = 512;
    private static final int CHANGES = Proof.times(3_300, 21_000);

    /** What is not heap and not direct memory; see the script. */
    private static final long OTHER_MB = 224;

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern SIZES = Pattern.compile("-Xmx(\\d+)m -XX:MaxDirectMemorySize=(\\d+)m");

    @TempDir
    private Path directory;

    @Test
    void changes_far_beyond_the_heap_succeed_and_history_stays_within_its_part() throws Exception {
        Programs.Server server = Programs.Server.in(directory).withJvm(JVM);
        try (Program running = server.start();
                BigChanges changes = new BigChanges(server.target())) {
            running.await(
                    0,
                    line -> line.contains("Memory: heap 128MB, of it history and snapshots 35MB"),
                    "its budget",
                    SOON);
            Map<Status.Code, Integer> answers = changes.make(CHANGES);
            Metrics metrics = server.metrics();
            long fullCollections = Math.round(metrics.sum("jvm_gc_pause_seconds_count", "major GC"));
            long peakMb = peakMb(running);
            Proof.tell(
                    "small heap",
                    "changes",
                    CHANGES,
                    "answers",
                    answers.toString(),
                    "full_collections",
                    fullCollections,
                    "resident_mb_peak",
                    peakMb);
            assertThat(answers).as("all succeed").isEqualTo(Map.of(Status.Code.OK, CHANGES));
            assertThat(fullCollections).as("full collections").isLessThan(CHANGES / 300);
            assertThat(metrics.sum("registry_memory_bytes", "part=\"history\""))
                    .as("history is kept, within its part")
                    .isBetween(1e6, 36.0 * (1 << 20));
            assertThat(metrics.sum("registry_memory_bytes", "part=\"view\"")).isPositive();
            assertThat(peakMb).as("the whole process, in MiB").isLessThan(CONTAINER_MB);
            assertThat(metrics.sum("registry_store_writable")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {352, 400, 512, 1_024, 4_096, 65_536})
    void the_start_script_divides_what_the_process_may_use(int memoryMb) {
        Matcher sizes = SIZES.matcher(options(memoryMb));
        assertThat(sizes.find()).isTrue();
        long heapMb = Long.parseLong(sizes.group(1));
        long directMb = Long.parseLong(sizes.group(2));
        assertThat(heapMb).isBetween(64L, 1_024L);
        assertThat(directMb).isBetween(32L, 256L);
        assertThat(heapMb + directMb + OTHER_MB).isLessThanOrEqualTo(memoryMb);
    }

    @Test
    void the_start_script_refuses_less_than_the_server_needs() {
        Program refused = script("351");
        assertThat(refused.awaitExit(SOON)).isEqualTo(2);
        assertThat(refused.errors()).contains("351 MiB", "352 MiB", "REGISTRY_JAVA_OPTS");
        Program unclear = script("1g");
        assertThat(unclear.awaitExit(SOON)).isEqualTo(2);
        assertThat(unclear.errors()).contains("REGISTRY_MEMORY_MB", "1g");
    }

    private String options(int memoryMb) {
        Program script = script(Integer.toString(memoryMb));
        assertThat(script.awaitExit(SOON)).as(script.errors()).isZero();
        return String.join(" ", script.lines(0));
    }

    private Program script(String memoryMb) {
        return Program.start(
                "jvm-memory",
                directory,
                List.of(Programs.JVM_MEMORY.toString()),
                Map.of("REGISTRY_MEMORY_MB", memoryMb));
    }

    private static long peakMb(Program program) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + program.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
