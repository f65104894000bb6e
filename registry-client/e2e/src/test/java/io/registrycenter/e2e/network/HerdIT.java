package io.registrycenter.e2e.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.e2e.fault.Relay;
import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.process.Metrics;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every watcher is cut at the same moment with a reset, and all come back at once. */
class HerdIT {

    private static final int SWARMS = Proof.times(1, 5);
    private static final int WATCHERS_EACH = Proof.times(200, 1000);
    private static final int INSTANCES = 20;
    private static final String SERVICE = "orders";
    private static final String LATE = "registered-after-the-cut";
    private static final Duration RECOVERY = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void watchers_that_are_all_cut_at_once_are_current_again_without_a_snapshot() {
        Programs.Server server = Programs.Server.in(directory);
        List<Swarm> swarms = new ArrayList<>();
        try (Program running = server.start();
                RegistryClient provider = RegistryClient.builder()
                        .target(server.target())
                        .name("provider")
                        .build();
                Relay relay = new Relay(server.grpcPort())) {
            assertThat(running.pid()).isPositive();
            for (int i = 0; i < INSTANCES; i++) {
                register(provider, "orders-" + i);
            }
            for (int i = 0; i < SWARMS; i++) {
                swarms.add(Swarm.start(
                        directory,
                        SwarmPlan.watchers(relay.target(), "herd-" + i, WATCHERS_EACH, 1)
                                .withService(SERVICE)
                                .withWatched(INSTANCES)));
            }
            assertThat(relay.links()).isEqualTo(SWARMS * WATCHERS_EACH);
            Map<String, Long> snapshots = server.metrics().by("registry_watch_snapshots_total", "reason");
            long bytesBefore = relay.bytesToClients();
            List<Integer> marks = swarms.stream().map(Swarm::mark).toList();

            long cut = System.nanoTime();
            relay.resetAll();
            register(provider, LATE);

            long current = cut;
            Map<String, Long> ends = new TreeMap<>();
            for (int i = 0; i < SWARMS; i++) {
                Swarm swarm = swarms.get(i);
                int mark = marks.get(i);
                swarm.awaitConnected(mark, "WATCH", WATCHERS_EACH, RECOVERY);
                swarm.awaitClients(mark, HerdIT::isLate, WATCHERS_EACH, "the change after the cut", RECOVERY);
                assertThat(swarm.since(mark, "change")).allMatch(HerdIT::isLate).hasSize(WATCHERS_EACH);
                swarm.assertUndisturbedBut(mark, "change");
                assertThat(swarm.unexpectedEnds(mark))
                        .allMatch(event -> event.text("cause").equals("PEER_RESET"))
                        .hasSize(WATCHERS_EACH);
                current = Math.max(
                        current,
                        swarm.since(mark, "change").stream()
                                .mapToLong(event -> event.number("nanos"))
                                .max()
                                .orElseThrow());
                swarm.causes(mark).forEach((cause, count) -> ends.merge(cause, count, Long::sum));
            }
            Metrics metrics = server.metrics();
            assertThat(metrics.by("registry_watch_snapshots_total", "reason")).isEqualTo(snapshots);
            assertThat(metrics.by("registry_watch_closes_total", "cause")).containsOnlyKeys("PEER_RESET");
            Proof.tell(
                    "reconnect herd",
                    "watchers",
                    SWARMS * WATCHERS_EACH,
                    "all_current_ms",
                    TimeUnit.NANOSECONDS.toMillis(current - cut),
                    "bytes_to_clients",
                    relay.bytesToClients() - bytesBefore,
                    "ends",
                    ends);
        } finally {
            swarms.forEach(Swarm::close);
        }
    }

    private static boolean isLate(Event event) {
        return event.is("change") && event.text("id").equals(LATE);
    }

    private static void register(RegistryClient provider, String id) {
        provider.register(
                        SERVICE + "-0",
                        Instance.builder(id).endpoint("grpc", "127.0.0.1", 8080).build())
                .registered()
                .toCompletableFuture()
                .orTimeout(RECOVERY.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
