package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections and client processes broken in every way: each end is called by its name, and nothing of it stays. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultBenchTest {

    private static final Logger LOG = LoggerFactory.getLogger(FaultBenchTest.class);
    private static final int FEW = 5;
    private static final int WATCHERS_A_ROUND = 40;
    private static final int WATCHERS_A_PROCESS = 10;
    private static final long SEED = System.nanoTime();

    @TempDir
    static Path data;

    private static FaultServer server;
    private static TcpRelay relay;

    @BeforeAll
    static void start() throws Exception {
        server = new FaultServer(data.resolve("data"));
        relay = new TcpRelay(server.port());
        for (int i = 0; i < 10; i++) {
            server.put(FaultBench.SERVICE, "i" + i, 1, "");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        relay.close();
        server.close();
    }

    /** Alone, so that every one of its ends is known. */
    @Order(1)
    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyFault_isCalledByItsName(Fault fault) throws Exception {
        try (FaultBench bench = bench(1)) {
            explained(() -> bench.faults(List.of(fault), FEW));
        }
    }

    @Order(1)
    @Test
    void killedAndFrozenClientProcesses_areCalledByTheirNames() throws Exception {
        try (FaultBench bench = bench(FEW)) {
            explained(bench::kill);
            explained(bench::freeze);
            explained(bench::freeze);
        }
    }

    @Order(2)
    @Test
    void manyFaultsMixedWithChanges_leaveNothingBehind() throws Exception {
        try (FaultBench bench = bench(1)) {
            bench.faults(Arrays.asList(Fault.values()), WATCHERS_A_ROUND);
        }
        Descriptors baseline = Descriptors.now();
        int rounds = Proof.times(3, 100);
        try (FaultBench bench = bench(WATCHERS_A_PROCESS)) {
            Map<CloseCause, Long> before = server.closes();
            Expectation done = new Expectation();
            for (int i = 0; i < rounds; i++) {
                done.addAll(bench.everything(Arrays.asList(Fault.values()), WATCHERS_A_ROUND));
            }
            Map<CloseCause, Long> ends = since(before);
            LOG.info("{} streams, {}: ended as {}", done.streams(), done, ends);
            assertThat(done.streams()).isEqualTo(rounds * (WATCHERS_A_ROUND + 2L * WATCHERS_A_PROCESS));
            assertThat(done.explains(ends))
                    .as("seed %d: %s ended as %s", SEED, done, ends)
                    .isTrue();
        }
        FaultServer.await(() -> Descriptors.now().isAtMost(baseline));
        Awaitility.await()
                .pollInterval(Duration.ofSeconds(1))
                .atMost(FaultServer.PATIENCE)
                .untilAsserted(() -> assertThat(LiveObjects.ofStreams()).isEmpty());
    }

    @Order(3)
    @Test
    void watcherThatResumesAfterFaults_converges() throws Exception {
        Random random = new Random(SEED);
        try (FaultWatcher watcher = new FaultWatcher(relay.port(), FaultBench.SERVICE)) {
            for (int i = 0; i < Proof.times(15, 300); i++) {
                reconnect(watcher);
                server.put(FaultBench.SERVICE, "i" + random.nextInt(10), 1 + random.nextInt(100), "");
                Fault fault = random.nextBoolean() ? Fault.RESET : Fault.RESET_WITHIN_A_FRAME;
                relay.links().forEach(link -> fault.happen(link, random));
                FaultServer.await(() -> relay.links().isEmpty() && !watcher.connected());
            }
            long revision = server.put(FaultBench.SERVICE, "last", 7, "");
            reconnect(watcher);
            FaultServer.await(() -> watcher.revision() >= revision);
            Map<String, Integer> weights = new HashMap<>();
            watcher.state().forEach((id, instance) -> weights.put(id, instance.getWeight()));
            assertThat(weights).isEqualTo(server.weights(FaultBench.SERVICE));
        }
        relay.resetAll();
        server.awaitNothingLeft();
    }

    private static void reconnect(FaultWatcher watcher) {
        long heard = watcher.answers();
        watcher.resetConnectBackoff();
        watcher.connect(true);
        FaultServer.await(() -> watcher.answers() > heard);
    }

    private static FaultBench bench(int watchersAProcess) throws Exception {
        return new FaultBench(server, relay, new Random(SEED), watchersAProcess);
    }

    private static void explained(Callable<Expectation> faults) throws Exception {
        Map<CloseCause, Long> before = server.closes();
        Expectation done = faults.call();
        Map<CloseCause, Long> ends = since(before);
        assertThat(done.explains(ends)).as("%s ended as %s", done, ends).isTrue();
    }

    private static Map<CloseCause, Long> since(Map<CloseCause, Long> before) {
        Map<CloseCause, Long> result = new EnumMap<>(CloseCause.class);
        server.closes().forEach((cause, count) -> {
            long more = count - before.getOrDefault(cause, 0L);
            if (more > 0) {
                result.put(cause, more);
            }
        });
        return result;
    }
}
