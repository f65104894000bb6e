package io.registrycenter.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many sessions on three servers: what a restart of all servers, the death of one, and no event at all cost. */
class SessionsIT {

    private static final int WATCHERS = Proof.times(50, 1000);
    private static final int SESSIONS = Proof.times(50, 1000);
    private static final int FEW = 10;
    private static final int SERVICES = Proof.times(2, 20);
    private static final Duration STEADY = Duration.ofSeconds(Proof.times(10, 60));
    private static final Duration RECOVERY = Duration.ofMinutes(2);
    private static final Duration GOODBYE = Duration.ofMinutes(1);

    /** What servers write by themselves meanwhile: signs of life of three, and a tick every few seconds. */
    private static final long OWN_WRITES = 30;

    @TempDir
    private static Path directory;

    private static Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(directory, Proof.small("--registry.drain.timeout=3s", "--registry.etcd.lease-ttl=5s"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void servers_that_are_asked_to_stop_one_after_the_other_move_everybody() {
        try (Swarm swarm = Swarm.start(
                directory,
                SwarmPlan.watchers(cluster.targets(), "rolling", Math.max(WATCHERS, SESSIONS), SERVICES)
                        .withService("rolling")
                        .withProviders(SESSIONS))) {
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
            leave(swarm);
        }
    }

    /** All sessions are on the first server when it is killed. */
    @Test
    void the_sessions_of_a_killed_server_are_adopted_with_at_most_one_write_each() {
        cluster.node(1).terminate();
        cluster.node(2).terminate();
        try (Swarm swarm = Swarm.start(
                directory,
                SwarmPlan.watchers(cluster.targets(), "adopted", SESSIONS, SERVICES)
                        .withService("adopted")
                        .withProviders(SESSIONS))) {
            cluster.node(1).begin();
            cluster.node(2).begin();
            cluster.node(1).awaitReady();
            cluster.node(2).awaitReady();
            assertThat(active(cluster.node(0)))
                    .as("sessions on the first server")
                    .isEqualTo(SESSIONS);
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
            leave(swarm);
        }
    }

    @Test
    void what_is_written_while_nothing_changes_does_not_depend_on_the_number_of_sessions() {
        long few = growth(FEW);
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

    /** How many revisions etcd makes in the time, with so many sessions that do nothing but live. */
    private static long growth(int sessions) {
        try (Swarm swarm = Swarm.start(
                directory,
                SwarmPlan.providers(cluster.targets(), "steady-" + sessions, sessions, 1)
                        .withService("steady"))) {
            awaitActive(sessions);
            long before = cluster.revision();
            Await.lasting(STEADY);
            long growth = cluster.revision() - before;
            leave(swarm);
            return growth;
        }
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

    /** With a goodbye for every session, so that the next test finds none. */
    private static void leave(Swarm swarm) {
        swarm.program().terminate(GOODBYE);
        awaitActive(0);
    }
}
