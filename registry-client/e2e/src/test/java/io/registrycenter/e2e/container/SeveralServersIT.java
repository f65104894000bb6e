package io.registrycenter.e2e.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three servers on one etcd behind HAProxy, which knows nothing of cursors: clients go on where they were, on any of them. */
class SeveralServersIT {

    private static final int SERVERS = 3;
    private static final int CLIENTS = Proof.times(20, 300);
    private static final int SERVICES = Proof.times(4, 20);
    private static final int ROUNDS = Proof.times(1, 6);
    private static final Duration RECOVERY = Duration.ofMinutes(1);
    private static final String WATCHES = "registry_watch_streams";
    private static final String SESSIONS = "registry_sessions";
    private static final String ACTIVE = "state=\"ACTIVE\"";

    @TempDir
    private static Path directory;

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static final List<Program> RUNNING = new ArrayList<>();
    private static List<Programs.Server> servers = List.of();
    private static Box proxy;

    @BeforeAll
    static void start() {
        Recipe etcdRecipe = Recipe.etcd();
        Box etcd = Boxes.of(etcdRecipe, directory);
        OPEN.add(etcd);
        etcd.start();
        servers = IntStream.range(0, SERVERS)
                .mapToObj(i -> Programs.Server.in(
                        directory.resolve("server-" + i),
                        "--registry.store=etcd",
                        "--registry.etcd.endpoints=http://" + etcdRecipe.target(),
                        "--registry.node=server-" + i))
                .toList();
        servers.forEach(server -> RUNNING.add(server.start()));
        proxy = Boxes.of(Recipe.proxy(servers), directory);
        OPEN.add(proxy);
        proxy.start();
    }

    @AfterAll
    static void stop() throws Exception {
        RUNNING.forEach(Program::close);
        for (AutoCloseable each : OPEN.reversed()) {
            each.close();
        }
    }

    /** The servers have noticed the end of the former test's clients: from here on streams are those of one swarm. */
    @BeforeEach
    void awaitNobody() {
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        while (IntStream.range(0, SERVERS).anyMatch(i -> open(i, WATCHES) + open(i, SESSIONS, ACTIVE) > 0)) {
            assertThat(System.nanoTime() - deadline)
                    .as("streams of the former clients stay")
                    .isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    @Test
    void a_server_that_is_killed_loses_its_clients_to_the_others_which_go_on_from_their_cursors() {
        try (Swarm swarm = Swarm.start(directory, clients("killed"))) {
            int ready = swarm.mark();
            int moved = 0;
            for (int round = 0; round < ROUNDS; round++) {
                int victim = round % SERVERS;
                int watches = open(victim, WATCHES);
                int sessions = open(victim, SESSIONS, ACTIVE);
                assertThat(watches)
                        .as("watch streams of the server to be killed")
                        .isPositive();
                assertThat(sessions).as("sessions of the server to be killed").isPositive();
                int mark = swarm.mark();
                RUNNING.get(victim).kill();
                swarm.awaitConnected(mark, "SESSION", sessions, RECOVERY);
                swarm.awaitConnected(mark, "WATCH", watches, RECOVERY);
                swarm.assertUndisturbed(mark);
                RUNNING.set(victim, servers.get(victim).start());
                moved += watches + sessions;
            }
            Bookend.assertNothingChangedBefore(swarm, ready, RECOVERY);
            Proof.tell(
                    "server killed behind a proxy",
                    "kills",
                    ROUNDS,
                    "clients",
                    CLIENTS,
                    "streams_moved",
                    moved,
                    "ends",
                    swarm.causes(ready));
        }
    }

    @Test
    void a_proxy_that_is_killed_and_comes_back_cuts_everybody_and_everybody_goes_on_from_his_cursor() {
        try (Swarm swarm = Swarm.start(directory, clients("cut"))) {
            int ready = swarm.mark();
            for (int round = 0; round < ROUNDS; round++) {
                int mark = swarm.mark();
                proxy.kill();
                proxy.start();
                swarm.awaitConnected(mark, "SESSION", CLIENTS, RECOVERY);
                swarm.awaitConnected(mark, "WATCH", CLIENTS, RECOVERY);
                swarm.assertUndisturbed(mark);
            }
            Bookend.assertNothingChangedBefore(swarm, ready, RECOVERY);
            Proof.tell("proxy restarted", "restarts", ROUNDS, "clients", CLIENTS, "ends", swarm.causes(ready));
        }
    }

    private static SwarmPlan clients(String name) {
        return SwarmPlan.watchers(proxy.recipe().target(), name, CLIENTS, SERVICES)
                .withService(name)
                .withProviders(CLIENTS);
    }

    private static int open(int server, String gauge, String... tags) {
        return (int) servers.get(server).metrics().sum(gauge, tags);
    }
}
