package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connects watchers to a server, here and in processes of their own, breaks every one of them once while changes go out, and
 * waits until nothing is left. One thread drives it.
 */
final class FaultBench implements AutoCloseable {

    static final String SERVICE = "orders";

    /** Of a process that is killed: its kernel says goodbye, with a reset when something was not read. */
    private static final Set<CloseCause> KILLED = EnumSet.of(CloseCause.PEER_EOF, CloseCause.PEER_RESET);

    /** Of a process that stands still. HTTP/2 pings are slower than either clock. */
    private static final Set<CloseCause> FROZEN = EnumSet.of(CloseCause.HEARTBEAT_TIMEOUT, CloseCause.SLOW_CONSUMER);

    /** Few, or the expiry brake takes what happens here for the loss of a network, and holds them. */
    private static final int SESSIONS_A_ROUND = 1;

    private final FaultServer server;
    private final TcpRelay relay;
    private final Random random;
    private final int watchersAProcess;
    private @Nullable ClientProcess toKill;
    private @Nullable ClientProcess toFreeze;

    /** @param watchersAProcess watchers in each of the two client processes */
    FaultBench(FaultServer server, TcpRelay relay, Random random, int watchersAProcess) {
        this.server = server;
        this.relay = relay;
        this.random = random;
        this.watchersAProcess = watchersAProcess;
    }

    /** A client process is killed. */
    Expectation kill() throws Exception {
        try (ClientProcess victim = connectedVictim()) {
            put(random.nextInt(900));
            victim.kill();
        }
        server.awaitNothingLeft();
        Expectation done = new Expectation();
        done.add(KILLED, watchersAProcess);
        return done;
    }

    /** A client process stands still until it has lost its streams, then goes on: the next time it is served again. */
    Expectation freeze() throws Exception {
        ClientProcess frozen = connectedSleeper();
        frozen.freeze();
        put(random.nextInt(10_000));
        server.awaitNothingLeft();
        frozen.thaw();
        Expectation done = new Expectation();
        done.add(FROZEN, watchersAProcess);
        return done;
    }

    /** All together: so many connections with one of these faults each, a process that is killed and one that stands still. */
    Expectation everything(List<Fault> faults, int connections) throws Exception {
        try (ClientProcess victim = connectedVictim()) {
            ClientProcess frozen = connectedSleeper();
            frozen.freeze();
            Expectation done = faults(faults, connections, victim);
            frozen.thaw();
            done.add(KILLED, watchersAProcess);
            done.add(FROZEN, watchersAProcess);
            return done;
        }
    }

    /** Starts the next one while this one is used: it takes a moment. */
    private ClientProcess connectedVictim() throws IOException {
        ClientProcess victim = toKill == null ? newProcess() : toKill;
        victim.connect();
        toKill = newProcess();
        return victim;
    }

    private ClientProcess connectedSleeper() throws IOException {
        if (toFreeze == null) {
            toFreeze = newProcess();
        }
        toFreeze.connect();
        return toFreeze;
    }

    private ClientProcess newProcess() throws IOException {
        return new ClientProcess(server.port(), SERVICE, watchersAProcess);
    }

    /** So many connections, with one of these faults each. */
    Expectation faults(List<Fault> faults, int connections) throws Exception {
        return faults(faults, connections, null);
    }

    private Expectation faults(List<Fault> faults, int connections, @Nullable ClientProcess killed) throws Exception {
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
        int killedAt = random.nextInt(connections);
        Map<Fault, Integer> done = new EnumMap<>(Fault.class);
        for (RelayLink link : relay.links()) {
            Fault fault = faults.get(random.nextInt(faults.size()));
            done.merge(fault, 1, Integer::sum);
            fault.happen(link, random);
            if (killed != null && killedAt-- == 0) {
                killed.kill();
            }
            putSometimes(4);
        }
        put(100);
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
        Expectation expectation = new Expectation();
        done.forEach((fault, times) -> expectation.add(fault.causes(), times));
        return expectation;
    }

    private void putSometimes(int oneIn) {
        if (random.nextInt(oneIn) == 0) {
            put(random.nextInt(900));
        }
    }

    private void put(int bytes) {
        server.put(SERVICE, "i" + random.nextInt(10), 1 + random.nextInt(100), "x".repeat(bytes));
    }

    @Override
    public void close() {
        if (toKill != null) {
            toKill.close();
        }
        if (toFreeze != null) {
            toFreeze.close();
        }
    }
}
