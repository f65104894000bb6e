package io.registrycenter.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many sessions on three servers: what no event at all, a restart of all servers and the death of one cost. One crowd lives
 * through all of it, so that its process starts once.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SessionsIT {

    private static final int WATCHERS = Proof.times(50, 1000);
    private static final int SESSIONS = Proof.times(50, 1000);
    private static final int FEW = 10;
    private static final int SERVICES = Proof.times(2, 20);

    /** Several heartbeats of every session. */
    private static final Duration STEADY = Duration.ofSeconds(Proof.times(4, 60));

    private static final Duration RECOVERY = Duration.ofMinutes(2);
    private static final Duration GOODBYE = Duration.ofMinutes(1);

    /** What servers write by themselves meanwhile: signs of life of three, and a tick every few seconds. */
    private static final long OWN_WRITES = 30;

    @TempDir
    private static Path directory;

    private static Cluster cluster;
    private static Optional<Swarm> crowd = Optional.empty();

    @BeforeAll
    static void start() {
        cluster = Cluster.start(
                directory,
                Proof.small(
                        "--registry.drain.timeout=3s",
                        "--registry.etcd.lease-ttl=5s",
                        "--registry.session.heartbeat-interval=1s"));
    }

    @AfterAll
    static void stop() {
        crowd.ifPresent(Swarm::close);
        cluster.close();
    }

    /** Begins when there are no sessions. */
    @Test
    @Order(1)
    void what_is_written_while_nothing_changes_does_not_depend_on_the_number_of_sessions() {
        long few;
        try (Swarm swarm = Swarm.start(
                directory, SwarmPlan.providers(cluster.targets(), "few", FEW, 1).withService("few"))) {
            few = growth(FEW);
            // With a goodbye for every session.
            swarm.program().terminate(GOODBYE);
        }
        crowd();
        long many = growth(SESSIONS);
        Proof.tell(
                "steady state",
                "seconds",
                STEADY.toSeconds(),
                "sessions_few",
                FEW,
                "revisions_few",
                few,
                "sessions_many",
                SESSIONS,
                "revisions_many",
                many);
        assertThat(many).as("revisions with " + SESSIONS + " sessions").isLessThan(few + FEW);
    }

    @Test
    @Order(2)
    void servers_that_are_asked_to_stop_one_after_the_other_move_everybody() {
        Swarm swarm = crowd();
        int mark = swarm.mark();
        long before = System.nanoTime();
        for (Node node : cluster.nodes()) {
            node.terminate();
            node.begin();
            node.awaitReady();
            awaitActive(SESSIONS);
        }
        long took = System.nanoTime() - before;
        Bookend.assertNothingChangedBefore(swarm, mark, RECOVERY);
        swarm.assertUndisturbedBut(mark, "change");
        assertThat(swarm.unexpectedEnds(mark)).as("unexpected ends").isEmpty();
        Proof.tell(
                "rolling restart of three servers",
                "watchers",
                WATCHERS,
                "sessions",
                SESSIONS,
                "took_ms",
                TimeUnit.NANOSECONDS.toMillis(took),
                "ends",
                swarm.causes(mark));
    }

    /** All sessions are on the first server when it is killed. */
    @Test
    @Order(3)
    void the_sessions_of_a_killed_server_are_adopted_with_at_most_one_write_each() {
        Swarm swarm = crowd();
        cluster.node(1).terminate();
        cluster.node(2).terminate();
        Await.until("all sessions on the first server", RECOVERY, () -> active(cluster.node(0)) == SESSIONS);
        cluster.node(1).begin();
        cluster.node(2).begin();
        cluster.node(1).awaitReady();
        cluster.node(2).awaitReady();
        assertThat(active(cluster.node(0))).as("sessions on the first server").isEqualTo(SESSIONS);
        int mark = swarm.mark();
        long revisionBefore = cluster.revision();
        long killed = System.nanoTime();
        cluster.node(0).kill();
        swarm.awaitConnected(mark, "SESSION", SESSIONS, RECOVERY);
        long writes = cluster.revision() - revisionBefore;
        long first = connected(swarm, mark).min().orElseThrow();
        long last = connected(swarm, mark).max().orElseThrow();
        assertThat(writes).as("revisions meanwhile").isLessThanOrEqualTo(SESSIONS + OWN_WRITES);
        cluster.node(0).begin();
        cluster.node(0).awaitReady();
        Bookend.assertNothingChangedBefore(swarm, mark, RECOVERY);
        swarm.assertUndisturbedBut(mark, "change");
        Proof.tell(
                "a server of three killed",
                "sessions",
                SESSIONS,
                "all_adopted_after_ms",
                TimeUnit.NANOSECONDS.toMillis(last - killed),
                "adopted_per_second",
                SESSIONS * TimeUnit.SECONDS.toNanos(1) / Math.max(1, last - first),
                "revisions_meanwhile",
                writes,
                "revisions_per_session",
                Math.round(100.0 * writes / SESSIONS) / 100.0,
                "ends",
                swarm.causes(mark));
    }

    @Test
    @Order(4)
    void two_owners_of_one_id_at_two_servers_and_the_registry_agree_at_rest() throws Exception {
        Duel.fight(cluster.node(0).target(), cluster.node(1).target(), Proof.times(3, 50));
    }

    /** Sessions, and watchers of theirs; from the first test that needs them to the last. */
    private static Swarm crowd() {
        Swarm swarm = crowd.orElseGet(() -> Swarm.begin(
                directory,
                SwarmPlan.watchers(cluster.targets(), "crowd", Math.max(WATCHERS, SESSIONS), SERVICES)
                        .withService("crowd")
                        .withProviders(SESSIONS)));
        crowd = Optional.of(swarm);
        swarm.awaitReady();
        awaitActive(SESSIONS);
        return swarm;
    }

    /** How many revisions etcd makes in the time, with so many sessions that do nothing but live. */
    private static long growth(int sessions) {
        awaitActive(sessions);
        long before = cluster.revision();
        Await.lasting(STEADY);
        return cluster.revision() - before;
    }

    private static LongStream connected(Swarm swarm, int mark) {
        return swarm.since(mark, "connected").stream()
                .filter(event -> event.text("stream").equals("SESSION"))
                .mapToLong(event -> event.number("nanos"));
    }

    private static void awaitActive(int sessions) {
        Await.until(
                sessions + " active sessions",
                RECOVERY,
                () -> cluster.nodes().stream().mapToDouble(SessionsIT::active).sum() == sessions);
    }

    private static double active(Node node) {
        return node.metrics().sum("registry_sessions", "state=\"ACTIVE\"");
    }
}
