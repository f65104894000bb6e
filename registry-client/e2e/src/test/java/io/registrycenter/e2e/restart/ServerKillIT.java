package io.registrycenter.e2e.restart;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the server, again and again, under clients that each hold a session and watch. */
class ServerKillIT {

    private static final int KILLS = Proof.times(3, 10);
    private static final int CLIENTS = Proof.times(100, 1000);
    private static final int SERVICES = Proof.times(5, 50);
    private static final Duration RECOVERY = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void a_server_killed_again_and_again_changes_nothing_for_anybody() {
        Programs.Server server = Programs.Server.in(directory);
        Program running = server.start();
        try (Swarm swarm = Swarm.start(
                directory,
                SwarmPlan.watchers(server.target(), "kill", CLIENTS, SERVICES).withProviders(CLIENTS))) {
            int ready = swarm.mark();
            long slowestNanos = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                int mark = swarm.mark();
                running.kill();
                running = server.start();
                long up = System.nanoTime();
                swarm.awaitConnected(mark, "SESSION", CLIENTS, RECOVERY);
                swarm.awaitConnected(mark, "WATCH", CLIENTS, RECOVERY);
                slowestNanos = Math.max(slowestNanos, System.nanoTime() - up);
                swarm.assertUndisturbed(mark);
                assertThat(server.metrics().by("registry_watch_snapshots_total", "reason"))
                        .as("snapshots of the new process")
                        .isEmpty();
            }
            swarm.assertUndisturbed(ready);
            Bookend.assertNothingChangedBefore(swarm, ready, RECOVERY);
            Proof.tell(
                    "server killed",
                    "kills",
                    KILLS,
                    "clients",
                    CLIENTS,
                    "slowest_recovery_after_ready_ms",
                    TimeUnit.NANOSECONDS.toMillis(slowestNanos),
                    "ends",
                    swarm.causes(ready));
        } finally {
            running.close();
        }
    }
}
