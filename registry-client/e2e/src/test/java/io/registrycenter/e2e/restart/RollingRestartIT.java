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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SIGTERM of the server, again and again, under watchers, providers and registrations in flight.
 *
 * <p>A disconnect is the end of a stream that was there. There is one server here, so between its end and its next start
 * attempts to connect are refused: those are no disconnects, and the figures say how many there were.
 */
class RollingRestartIT {

    private static final int WATCHERS = Proof.times(100, 1000);
    private static final int PROVIDERS = Proof.times(20, 200);
    private static final int SERVICES = Proof.times(5, 50);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration RECOVERY = Duration.ofMinutes(2);
    private static final Pattern FORCED = Pattern.compile("Drain: done after \\d+ ms, (\\d+) streams forced");

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{0} % of the clients stalled")
    @ValueSource(ints = {0, 5})
    void a_server_that_is_asked_to_stop_moves_everybody_who_reads(int stalledPercent) throws Exception {
        int restarts = stalledPercent == 0 ? Proof.times(2, 10) : Proof.times(1, 10);
        int stalled = WATCHERS * stalledPercent / 100;
        Programs.Server server = Programs.Server.in(directory, Proof.small("--registry.drain.timeout=5s"));
        Program running = server.start();
        try (Feed feed = new Feed(server.target());
                Swarm swarm = Swarm.start(
                        directory,
                        SwarmPlan.watchers(server.target(), "rolling", WATCHERS, SERVICES)
                                .withProviders(PROVIDERS))) {
            int ready = swarm.mark();
            long slowestStop = 0;
            long slowestRecovery = 0;
            for (int restart = 0; restart < restarts; restart++) {
                int mark = swarm.mark();
                try (Swarm unread = Swarm.start(directory, SwarmPlan.stalled(server.target(), stalled))) {
                    if (unread.plan().stalled() > 0) {
                        feed.moreThanAWindow();
                    }
                    feed.registerInFlight();
                    long asked = System.nanoTime();
                    assertThat(running.terminate(STOP)).as("exit code").isZero();
                    slowestStop = Math.max(slowestStop, System.nanoTime() - asked);
                }
                assertForced(running, stalled);

                running = server.start();
                long up = System.nanoTime();
                swarm.awaitConnected(mark, "SESSION", PROVIDERS, RECOVERY);
                swarm.awaitConnected(mark, "WATCH", WATCHERS, RECOVERY);
                slowestRecovery = Math.max(slowestRecovery, System.nanoTime() - up);
                swarm.assertUndisturbed(mark);
                assertThat(swarm.unexpectedEnds(mark)).as("unexpected ends").isEmpty();
                assertThat(server.metrics().by("registry_watch_snapshots_total", "reason"))
                        .as("snapshots of the new process")
                        .isEmpty();
            }
            feed.assertNothingAcknowledgedIsLost();
            Bookend.assertNothingChangedBefore(swarm, ready, RECOVERY);
            Proof.tell(
                    "rolling restart",
                    "restarts",
                    restarts,
                    "watchers",
                    WATCHERS,
                    "providers",
                    PROVIDERS,
                    "stalled",
                    stalled,
                    "acknowledged_in_flight",
                    feed.acknowledged(),
                    "slowest_stop_ms",
                    TimeUnit.NANOSECONDS.toMillis(slowestStop),
                    "slowest_recovery_after_ready_ms",
                    TimeUnit.NANOSECONDS.toMillis(slowestRecovery),
                    "ends",
                    swarm.causes(ready));
        } finally {
            running.close();
        }
    }

    /**
     * As many were forced as are stalled; all that the log names are of those, and it names each once. Of the others nobody
     * was: they say themselves that they ended as planned.
     */
    private static void assertForced(Program server, int stalled) {
        assertThat(forced(server)).as("streams forced").isEqualTo(stalled);
        assertThat(SaidEnd.of(server))
                .as("ends that were not planned")
                .hasSizeBetween(Math.min(stalled, SaidEnd.TOLD), stalled)
                .allSatisfy(end -> {
                    // Who has stalled for long enough may have been ended for that, which does not get through either.
                    assertThat(end.cause()).isIn("DRAIN_FORCED", "SLOW_CONSUMER");
                    assertThat(end.client()).startsWith("stalled-");
                })
                .extracting(SaidEnd::client)
                .doesNotHaveDuplicates();
    }

    private static int forced(Program server) {
        List<Integer> counts = server.lines(0).stream()
                .map(FORCED::matcher)
                .filter(Matcher::find)
                .map(matcher -> Integer.parseInt(matcher.group(1)))
                .toList();
        assertThat(counts).as("drains that were over").hasSize(1);
        return counts.getFirst();
    }
}
