package io.registrycenter.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** History that is gone: clients that slept through it, and servers that start after it. */
class CompactionIT {

    private static final int WATCHERS = Proof.times(20, 200);
    private static final int INSTANCES = 10;
    private static final int CHANGES = 30;
    private static final Duration RECOVERY = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void clients_that_slept_past_a_compaction_get_a_snapshot_that_says_so_and_agree() {
        try (Cluster cluster = Cluster.start(directory);
                RegistryClient provider = RegistryClient.builder()
                        .target(cluster.targets().split(","))
                        .name("provider")
                        .build()) {
            List<Registration> registrations = new ArrayList<>();
            for (int i = 0; i < INSTANCES; i++) {
                registrations.add(provider.register(
                        "compacted-0", Instance.builder("compacted-" + i).build()));
            }
            registrations.forEach(
                    registration -> settled(registration.registered().toCompletableFuture()));
            try (Swarm sleepers = Swarm.begin(
                            directory,
                            SwarmPlan.watchers(cluster.targets(), "sleepers", WATCHERS, 1)
                                    .withService("compacted")
                                    .withWatched(INSTANCES));
                    Swarm awake = Swarm.start(
                            directory,
                            SwarmPlan.watchers(cluster.targets(), "awake", WATCHERS, 1)
                                    .withService("compacted")
                                    .withWatched(INSTANCES))) {
                sleepers.awaitReady();
                int mark = sleepers.mark();
                int awakeMark = awake.mark();
                sleepers.program().pause();
                // Their connections end here, so that nothing waits for them in a buffer.
                cluster.nodes().forEach(Node::kill);
                // One server is enough for what they sleep through.
                cluster.node(0).begin();
                cluster.node(0).awaitReady();
                change(registrations);
                cluster.etcd().calls().compact(cluster.revision());
                // Nor does a server remember.
                cluster.node(0).kill();
                cluster.nodes().forEach(Node::begin);
                cluster.nodes().forEach(Node::awaitReady);
                sleepers.program().resume();
                sleepers.awaitClients(
                        mark,
                        event -> event.is("snapshot") && event.text("reason").equals("COMPACTED"),
                        WATCHERS,
                        "a snapshot because of the compaction",
                        RECOVERY);
                Bookend.assertSeen(sleepers, RECOVERY);
                assertThat(sleepers.since(mark, "violation")).isEmpty();
                assertThat(sleepers.since(mark, "given-up")).isEmpty();
                // Those who were there all the time may have needed a snapshot too: what is compacted is the newest.
                assertThat(awake.since(awakeMark, "violation")).isEmpty();
                assertThat(awake.since(awakeMark, "given-up")).isEmpty();
                Proof.tell(
                        "slept past a compaction",
                        "watchers",
                        WATCHERS,
                        "ends_of_sleepers",
                        sleepers.causes(mark),
                        "snapshots_of_those_awake",
                        awake.since(awakeMark, "snapshot").size());
            }
        }
    }

    private static void change(List<Registration> registrations) {
        for (int i = 0; i < CHANGES; i++) {
            InstanceStatus status = i / INSTANCES % 2 == 0 ? InstanceStatus.LEAVING : InstanceStatus.UP;
            settled(registrations.get(i % INSTANCES).status(status).toCompletableFuture());
        }
    }

    private static void settled(CompletableFuture<?> stage) {
        stage.orTimeout(RECOVERY.toMillis(), TimeUnit.MILLISECONDS).join();
    }
}
