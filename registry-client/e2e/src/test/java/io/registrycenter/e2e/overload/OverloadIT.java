package io.registrycenter.e2e.overload;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten times as many connections in a burst as the server serves. */
class OverloadIT {

    private static final int LIMIT = Proof.times(60, 2000);
    private static final int INSIDE = Proof.times(20, 200);
    private static final int CROWDS = Proof.times(1, 2);
    private static final int CROWD = Proof.times(600, 10_000);
    /** Connections that may wait to be accepted, by the default of Linux. */
    private static final int KERNEL_QUEUE = 4096;

    private static final int STAY_SECONDS = Proof.times(8, 40);
    private static final int WARM_UP = 50;
    private static final int CALM = Proof.times(100, 300);

    /** So little that a server which keeps something for every attempt runs out of it. */
    private static final String JVM =
            "-XX:+UseG1GC -Xms64m -Xmx" + Proof.times(160, 384) + "m -XX:MaxDirectMemorySize=128m";

    private static final long GROWTH_MB = Proof.times(160, 512);
    private static final Duration SLOWEST = Duration.ofSeconds(5);
    private static final Duration RECOVERY = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    @Test
    void those_inside_go_on_and_the_others_are_told_or_wait() throws Exception {
        Programs.Server server = Programs.Server.in(directory, "--registry.grpc.max-connections=" + LIMIT)
                .withJvm(JVM);
        List<Program> crowds = new ArrayList<>();
        try (Program running = server.start();
                Swarm inside = Swarm.start(
                        directory,
                        SwarmPlan.watchers(server.target(), "inside", INSIDE, 1).withProviders(INSIDE));
                Probe probe = new Probe(server.target())) {
            int ready = inside.mark();
            probe.measure(times(WARM_UP));
            Probe.Latency calm = probe.measure(times(CALM));
            long memoryBefore = residentMb(running);
            for (int i = 0; i < CROWDS; i++) {
                crowds.add(Programs.java(
                        "crowd",
                        directory,
                        CrowdMain.class,
                        List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        List.of(server.grpcPort() + "", CROWD + "", STAY_SECONDS + "")));
            }
            crowds.forEach(crowd -> crowd.awaitEvent(0, event -> event.is("begins"), "its begin", RECOVERY));
            Probe.Latency crowded = probe.measure(() ->
                    crowds.stream().anyMatch(crowd -> crowd.events(0).stream().noneMatch(event -> event.is("crowd"))));
            long memoryPeak = peakMb(running);

            long served = 0;
            long told = 0;
            long waited = 0;
            long overflowed = 0;
            long dropped = 0;
            for (Program crowd : crowds) {
                Event fates = crowd.awaitEvent(0, event -> event.is("crowd"), "its fates", RECOVERY);
                assertThat(fates.flag("complete")).isTrue();
                served += fates.number("served");
                told += fates.number("told");
                waited += fates.number("waited");
                overflowed += fates.number("overflowed");
                dropped += fates.number("dropped");
            }
            Proof.tell(
                    "overload",
                    "limit",
                    LIMIT,
                    "attempts",
                    CROWD * CROWDS,
                    "served",
                    served,
                    "told",
                    told,
                    "waited",
                    waited,
                    "overflowed",
                    overflowed,
                    "dropped",
                    dropped,
                    "calm",
                    calm.toString(),
                    "crowded",
                    crowded.toString(),
                    "ratio_median",
                    Math.round(100 * crowded.medianMs() / calm.medianMs()) / 100.0,
                    "ratio_p99",
                    Math.round(100 * crowded.p99Ms() / calm.p99Ms()) / 100.0,
                    "resident_mb_before",
                    memoryBefore,
                    "resident_mb_peak",
                    memoryPeak);
            // Two connections are the probe's.
            assertThat(served).as("let in beside those inside").isEqualTo(LIMIT - INSIDE - 2);
            assertThat(dropped).as("closed without a word").isZero();
            if (CROWD * CROWDS <= KERNEL_QUEUE) {
                assertThat(overflowed)
                        .as("turned away by the kernel, whose queue was not full")
                        .isZero();
            }
            assertThat(told).isPositive();
            assertThat(crowded.maxMs()).isLessThan((double) SLOWEST.toMillis());
            assertThat(memoryPeak - memoryBefore).isLessThan(GROWTH_MB);
            inside.assertUndisturbed(ready);
            assertThat(inside.since(ready, "disconnected")).isEmpty();
            Bookend.assertNothingChangedBefore(inside, ready, RECOVERY);
        } finally {
            crowds.forEach(Program::close);
        }
    }

    private static java.util.function.BooleanSupplier times(int count) {
        int[] left = {count};
        return () -> --left[0] > 0;
    }

    private static long residentMb(Program program) throws IOException {
        return memoryMb(program, "VmRSS:");
    }

    private static long peakMb(Program program) throws IOException {
        return memoryMb(program, "VmHWM:");
    }

    private static long memoryMb(Program program, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + program.pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
