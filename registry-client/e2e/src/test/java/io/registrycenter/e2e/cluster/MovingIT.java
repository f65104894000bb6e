package io.registrycenter.e2e.cluster;

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

/** A registry moves from the embedded store to etcd, under clients that each hold a session and watch. */
class MovingIT {

    private static final int CLIENTS = Proof.times(20, 500);
    private static final int SERVICES = Proof.times(2, 25);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration RECOVERY = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void a_registry_that_moves_to_etcd_changes_nothing_for_anybody() {
        try (Etcd etcd = Etcd.start(directory, 1)) {
            Programs.Server embedded = Programs.Server.in(directory.resolve("server"), "--registry.drain.timeout=5s");
            String[] onEtcd = {"--registry.store=etcd", "--registry.etcd.endpoints=http://127.0.0.1:" + etcd.port(0)};
            Program running = embedded.start();
            try (Swarm swarm = Swarm.start(
                    directory,
                    SwarmPlan.watchers(embedded.target(), "moving", CLIENTS, SERVICES)
                            .withProviders(CLIENTS))) {
                int ready = swarm.mark();
                long began = System.nanoTime();
                assertThat(running.terminate(STOP)).isZero();
                embedded.operate("export", "move.jsonl");
                embedded.operate("import", "move.jsonl", onEtcd[0], onEtcd[1]);
                running = embedded.with(onEtcd).start();
                long up = System.nanoTime();

                swarm.awaitConnected(ready, "SESSION", CLIENTS, RECOVERY);
                swarm.awaitConnected(ready, "WATCH", CLIENTS, RECOVERY);
                swarm.awaitClients(ready, event -> event.is("snapshot"), CLIENTS, "the new epoch", RECOVERY);
                long recovered = System.nanoTime();
                assertThat(swarm.since(ready, "snapshot")).allSatisfy(event -> {
                    assertThat(event.text("reason")).isEqualTo("EPOCH_CHANGED");
                    assertThat(event.number("changes")).isZero();
                });
                assertThat(swarm.since(ready, "connected"))
                        .filteredOn(event -> event.text("stream").equals("SESSION"))
                        .allMatch(event -> event.flag("resumed"));
                assertThat(swarm.since(ready, "given-up")).isEmpty();
                Bookend.assertNothingChangedBefore(swarm, ready, RECOVERY);
                Proof.tell(
                        "moved to etcd",
                        "clients",
                        CLIENTS,
                        "without_a_server_ms",
                        TimeUnit.NANOSECONDS.toMillis(up - began),
                        "recovery_after_ready_ms",
                        TimeUnit.NANOSECONDS.toMillis(recovered - up),
                        "ends",
                        swarm.causes(ready));
            } finally {
                running.close();
            }
        }
    }
}
