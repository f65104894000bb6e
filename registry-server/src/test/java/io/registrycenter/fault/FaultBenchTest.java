package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections broken in every way, over real sockets: each end is called by its name, and nothing of it stays. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultBenchTest {

    private static final String SERVICE = "orders";
    private static final int WATCHERS_A_ROUND = 40;

    /** Few, or the expiry brake takes what happens here for the loss of a network, and holds them. */
    private static final int SESSIONS_A_ROUND = 1;

    @TempDir
    static Path data;

    private static FaultServer server;
    private static TcpRelay relay;

    @BeforeAll
    static void start() throws Exception {
        server = new FaultServer(data.resolve("data"));
        relay = new TcpRelay(server.port());
        for (int i = 0; i < 10; i++) {
            server.put(SERVICE, "i" + i, 1, "");
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
        long seed = System.nanoTime();
        Map<CloseCause, Long> before = server.closes();
        round(new Random(seed), List.of(fault), 5);
        Map<CloseCause, Long> ends = difference(before, server.closes());
        assertThat(fault.causes()).as("%s, seed %d: %s", fault, seed, ends).containsAll(ends.keySet());
        assertThat(ends.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(5);
    }

    @Order(2)
    @Test
    void manyFaultsMixedWithChanges_leaveNothingBehind() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        round(random, List.of(Fault.values()), WATCHERS_A_ROUND);
        Descriptors baseline = Descriptors.now();
        Map<CloseCause, Long> before = server.closes();
        int rounds = Proof.times(6, 100);
        Map<Fault, Integer> done = new EnumMap<>(Fault.class);
        for (int i = 0; i < rounds; i++) {
            round(random, List.of(Fault.values()), WATCHERS_A_ROUND).forEach((f, n) -> done.merge(f, n, Integer::sum));
        }
        Map<CloseCause, Long> ends = difference(before, server.closes());
        String what = "seed " + seed + ": " + done + " ended as " + ends;
        assertThat(ends.values().stream().mapToLong(Long::longValue).sum())
                .as(what)
                .isEqualTo((long) rounds * WATCHERS_A_ROUND);
        int resets = done.getOrDefault(Fault.RESET, 0) + done.getOrDefault(Fault.RESET_WITHIN_A_FRAME, 0);
        assertThat(ends.getOrDefault(CloseCause.PEER_EOF, 0L)).as(what).isEqualTo((long)
                done.getOrDefault(Fault.FINISH, 0));
        assertThat(ends.getOrDefault(CloseCause.PEER_RESET, 0L))
                .as(what)
                .isBetween((long) resets, (long) resets + done.getOrDefault(Fault.THROTTLE, 0));
        FaultServer.await(() -> Descriptors.now().isAtMost(baseline));
        System.out.println(what);
    }

    @Order(3)
    @Test
    void watcherThatResumesAfterFaults_converges() throws Exception {
        Random random = new Random(System.nanoTime());
        try (FaultWatcher watcher = new FaultWatcher(relay.port(), SERVICE)) {
            for (int i = 0; i < Proof.times(15, 300); i++) {
                watcher.resetConnectBackoff();
                long heard = watcher.answers();
                watcher.connect(true);
                FaultServer.await(() -> watcher.answers() > heard);
                server.put(SERVICE, "i" + random.nextInt(10), 1 + random.nextInt(100), "");
                Fault fault = random.nextBoolean() ? Fault.RESET : Fault.RESET_WITHIN_A_FRAME;
                relay.links().forEach(link -> fault.happen(link, random));
                FaultServer.await(() -> relay.links().isEmpty());
            }
            long revision = server.put(SERVICE, "last", 7, "");
            watcher.resetConnectBackoff();
            watcher.connect(true);
            FaultServer.await(() -> watcher.revision() >= revision);
            Map<String, Integer> weights = new HashMap<>();
            watcher.state().forEach((id, instance) -> weights.put(id, instance.getWeight()));
            assertThat(weights).isEqualTo(server.weights(SERVICE));
        }
        relay.resetAll();
        server.awaitNothingLeft();
    }

    /** So many connections, each broken once while changes go out; returns what was done when nothing is left. */
    private static Map<Fault, Integer> round(Random random, List<Fault> faults, int connections) throws Exception {
        Map<Fault, Integer> done = new EnumMap<>(Fault.class);
        List<FaultWatcher> watchers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            FaultWatcher watcher = new FaultWatcher(relay.port(), SERVICE);
            watchers.add(watcher);
            watcher.connect(true);
            if (i < SESSIONS_A_ROUND) {
                watcher.attach();
            }
        }
        FaultServer.await(() -> watchers.stream().allMatch(watcher -> watcher.answers() >= 2));
        assertThat(relay.links()).hasSize(connections);
        for (RelayLink link : relay.links()) {
            Fault fault = faults.get(random.nextInt(faults.size()));
            done.merge(fault, 1, Integer::sum);
            fault.happen(link, random);
            if (random.nextInt(4) == 0) {
                server.put(SERVICE, "i" + random.nextInt(10), 1 + random.nextInt(100), "x".repeat(random.nextInt(900)));
            }
        }
        server.put(SERVICE, "end-of-round", 1 + random.nextInt(100), "x".repeat(100));
        int cut = done.entrySet().stream()
                .filter(entry -> entry.getKey().cuts())
                .mapToInt(Map.Entry::getValue)
                .sum();
        int throttled = done.getOrDefault(Fault.THROTTLE, 0);
        FaultServer.await(() -> relay.links().size() <= connections - cut);
        // Whoever is throttled may be served well enough to stay: the rest must go by the server's own clocks.
        FaultServer.await(() -> server.hub().stats().streams() <= throttled);
        relay.resetAll();
        server.awaitNothingLeft();
        for (FaultWatcher watcher : watchers) {
            watcher.close();
        }
        return done;
    }

    private static Map<CloseCause, Long> difference(Map<CloseCause, Long> before, Map<CloseCause, Long> after) {
        Map<CloseCause, Long> result = new EnumMap<>(CloseCause.class);
        after.forEach((cause, count) -> {
            long more = count - before.getOrDefault(cause, 0L);
            if (more > 0) {
                result.put(cause, more);
            }
        });
        return result;
    }
}
