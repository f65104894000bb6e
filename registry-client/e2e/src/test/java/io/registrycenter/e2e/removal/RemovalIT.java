package io.registrycenter.e2e.removal;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who is dead goes in bounded time, who is not stays: kill -9 and SIGSTOP of providers, SIGSTOP of the server.
 *
 * <p>The bounds are promises, so they are asserted: grace + 1 s and TTL + 1 s, plus {@link #SLACK} for a machine that has
 * more to do. Times are those of the monotonic clock, which all processes of a Linux machine share.
 */
class RemovalIT {

    private static final Duration TTL = Duration.ofSeconds(Proof.times(5, 15));
    private static final Duration GRACE = Duration.ofSeconds(Proof.times(2, 10));
    private static final Duration PAUSE = Duration.ofSeconds(Proof.times(7, 20));
    private static final Duration SLACK = Duration.ofSeconds(10);
    private static final Duration RECOVERY = Duration.ofMinutes(1);

    /** Those of two tests together are fewer than the 50 that the expiry brake always lets go within its window. */
    private static final int PROVIDERS = Proof.times(10, 20);

    private static final int WATCHERS = Proof.times(5, 50);

    @TempDir
    private static Path directory;

    private static Programs.Server server;
    private static Program running;

    @BeforeAll
    static void start() {
        server = Programs.Server.in(
                directory,
                Proof.small(
                        "--registry.session.ttl=5s",
                        "--registry.session.heartbeat-interval=1s",
                        "--registry.session.reconnect-grace=2s"));
        running = server.start();
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void the_instances_of_a_killed_provider_go_after_the_grace_and_within_a_second_more() {
        try (Swarm providers = Swarm.start(directory, providers("killed"));
                Swarm watchers = Swarm.start(directory, watchers("killed"))) {
            int mark = watchers.mark();
            long before = System.nanoTime();
            providers.program().kill();
            long after = System.nanoTime();
            awaitEach(watchers, mark, "removal");
            assertRemovals(watchers, mark);
            Duration earliest = Duration.ofNanos(first(watchers, mark) - after);
            Duration latest = Duration.ofNanos(last(watchers, mark) - before);
            Proof.tell("provider killed", "grace", GRACE, "earliest", earliest, "latest", latest);
            assertThat(Duration.ofNanos(first(watchers, mark) - before)).isGreaterThanOrEqualTo(GRACE);
            assertThat(Duration.ofNanos(last(watchers, mark) - after))
                    .isLessThanOrEqualTo(GRACE.plusSeconds(1).plus(SLACK));
        }
    }

    @Test
    void the_instances_of_a_stopped_provider_go_at_the_ttl_and_come_back_with_it() {
        try (Swarm providers = Swarm.start(directory, providers("stopped"));
                Swarm watchers = Swarm.start(directory, watchers("stopped"))) {
            int mark = watchers.mark();
            long before = System.nanoTime();
            providers.program().pause();
            long after = System.nanoTime();
            awaitEach(watchers, mark, "removal");
            assertRemovals(watchers, mark);
            Proof.tell(
                    "provider stopped",
                    "ttl",
                    TTL,
                    "earliest",
                    Duration.ofNanos(first(watchers, mark) - after),
                    "latest",
                    Duration.ofNanos(last(watchers, mark) - before));
            // The newest heartbeat is at most one interval old, and an interval at most half the TTL.
            assertThat(Duration.ofNanos(first(watchers, mark) - before)).isGreaterThanOrEqualTo(TTL.dividedBy(2));
            assertThat(Duration.ofNanos(last(watchers, mark) - after))
                    .isLessThanOrEqualTo(TTL.plusSeconds(1).plus(SLACK));

            int gone = watchers.mark();
            providers.program().resume();
            awaitEach(watchers, gone, "put");
        }
    }

    @Test
    void nobody_is_removed_because_the_server_was_stopped() {
        try (Swarm providers = Swarm.start(directory, providers("kept"));
                Swarm watchers = Swarm.start(directory, watchers("kept"))) {
            int mark = watchers.mark();
            running.pause();
            try {
                assertThat(watchers.program().comes(mark, event -> event.is("change"), PAUSE))
                        .isFalse();
            } finally {
                running.resume();
            }
            // Long enough for everything that could expire by a clock that ran on.
            Duration window = TTL.plus(GRACE).plusSeconds(2);
            assertThat(watchers.program().comes(mark, event -> event.is("change"), window))
                    .as("a change within " + window + " after the server went on")
                    .isFalse();
            Bookend.assertNothingChangedBefore(watchers, mark, RECOVERY);
            watchers.assertUndisturbedBut(mark, "change");
            assertThat(providers.since(0, "given-up")).isEmpty();
            Proof.tell(
                    "server stopped",
                    "seconds",
                    PAUSE.toSeconds(),
                    "ends_of_watchers",
                    watchers.causes(mark),
                    "ends_of_providers",
                    providers.causes(0));
        }
    }

    private static SwarmPlan providers(String service) {
        return SwarmPlan.providers(server.target(), "providers", PROVIDERS, 1).withService(service);
    }

    private static SwarmPlan watchers(String service) {
        return SwarmPlan.watchers(server.target(), "watchers", WATCHERS, 1)
                .withService(service)
                .withWatched(PROVIDERS);
    }

    /** Every watcher is told of every provider. */
    private static void awaitEach(Swarm watchers, int mark, String kind) {
        Predicate<Event> wanted =
                event -> event.is("change") && event.text("kind").equals(kind);
        watchers.program()
                .awaitDistinct(
                        mark,
                        wanted,
                        event -> event.number("client") + " " + event.text("id"),
                        PROVIDERS * WATCHERS,
                        kind + " at every watcher",
                        RECOVERY);
    }

    private static void assertRemovals(Swarm watchers, int mark) {
        List<Event> changes = watchers.since(mark, "change");
        assertThat(changes)
                .allMatch(event -> event.text("reason").equals("SESSION_EXPIRED"))
                .hasSize(PROVIDERS * WATCHERS);
    }

    private static long first(Swarm watchers, int mark) {
        return watchers.since(mark, "change").stream()
                .mapToLong(event -> event.number("nanos"))
                .min()
                .orElseThrow();
    }

    private static long last(Swarm watchers, int mark) {
        return watchers.since(mark, "change").stream()
                .mapToLong(event -> event.number("nanos"))
                .max()
                .orElseThrow();
    }
}
