package io.registrycenter.e2e.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.fault.Proxy;
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
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Proxies whose idle timer is longer, or shorter, than the server's heartbeats. */
class ProxyIT {

    private static final Duration TIMER = Duration.ofSeconds(2);
    private static final int CLIENTS = Proof.times(5, 50);
    private static final Duration QUIET = TIMER.multipliedBy(Proof.times(4, 15));
    private static final Duration RECOVERY = Duration.ofMinutes(1);

    @TempDir
    private static Path directory;

    private static Programs.Server brisk;
    private static Programs.Server sluggish;
    private static Program briskRunning;
    private static Program sluggishRunning;

    @BeforeAll
    static void start() {
        brisk = Programs.Server.in(
                directory.resolve("brisk"),
                "--registry.watch.heartbeat-interval=500ms",
                "--registry.session.heartbeat-interval=500ms");
        // Heartbeats of the defaults: 20 s for a watch, 5 s for a session.
        sluggish = Programs.Server.in(directory.resolve("sluggish"));
        briskRunning = brisk.begin();
        sluggishRunning = sluggish.start();
        Programs.Server.awaitReady(briskRunning);
    }

    @AfterAll
    static void stop() {
        briskRunning.close();
        sluggishRunning.close();
    }

    @ParameterizedTest
    @EnumSource
    void heartbeats_below_the_timer_keep_every_stream_alive(Proxy kind) {
        kind.assumeInstalled();
        try (Proxy.Running proxy = kind.start(directory, brisk, TIMER);
                Swarm swarm = Swarm.start(directory, clients(kind, proxy))) {
            int ready = swarm.mark();
            assertThat(swarm.program().comes(ready, event -> event.is("disconnected"), QUIET))
                    .as("an end within " + QUIET + ": " + swarm.causes(ready))
                    .isFalse();
            Bookend.assertNothingChangedBefore(swarm, ready, RECOVERY);
        }
    }

    @ParameterizedTest
    @EnumSource
    void heartbeats_above_the_timer_end_streams_which_resume_and_both_ends_say_so(Proxy kind) {
        kind.assumeInstalled();
        Map<String, Long> watchesBefore = sluggish.metrics().by("registry_watch_closes_total", "cause");
        try (Proxy.Running proxy = kind.start(directory, sluggish, TIMER)) {
            Swarm swarm = Swarm.begin(directory, clients(kind, proxy));
            try (swarm) {
                swarm.awaitReady();
                int ready = swarm.mark();
                swarm.awaitClients(ready, event -> isLiveEnd(event, "WATCH"), CLIENTS, "ended watches", RECOVERY);
                swarm.awaitConnected(ready, "WATCH", CLIENTS, RECOVERY);
                swarm.awaitConnected(ready, "SESSION", CLIENTS, RECOVERY);
                swarm.assertUndisturbed(ready);

                Map<String, Long> watches = sluggish.metrics().by("registry_watch_closes_total", "cause");
                watchesBefore.forEach((cause, count) -> watches.merge(cause, -count, Long::sum));
                assertThat(watches.values().stream().mapToLong(Long::longValue).sum())
                        .as("ends the server counted: " + watches)
                        .isGreaterThanOrEqualTo(CLIENTS);
                List<Event> found = endedBetween(kind);
                assertThat(found)
                        .as("ends that both sides together know the proxy made: " + watches)
                        .isNotEmpty()
                        .allSatisfy(end -> {
                            assertThat(end.text("kind")).isEqualTo("WATCH");
                            assertThat(end.text("countedAs")).isIn("CLIENT_COMPLETED", "CLIENT_CANCELLED", "PEER_EOF");
                            assertThat(end.part("clientSaw").text("cause")).isNotEmpty();
                        });
                Proof.tell(
                        "proxy timer below the heartbeat",
                        "proxy",
                        kind,
                        "server_says",
                        new TreeMap<>(watches),
                        "clients_say",
                        swarm.causes(ready),
                        "both_say_the_proxy_did",
                        found.size());
            }
        }
    }

    /**
     * What the server tells of those behind a proxy whose clients are back and said that they had not ended their streams. Each
     * live stream of above said so; not of every one the server knows the end by then.
     */
    private static List<Event> endedBetween(Proxy kind) {
        return sluggish.ends("INTERMEDIARY_IDLE").stream()
                .filter(end -> end.part("client").text("name").startsWith(name(kind) + "-"))
                .toList();
    }

    private static String name(Proxy kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static SwarmPlan clients(Proxy kind, Proxy.Running proxy) {
        return SwarmPlan.watchers(proxy.target(), name(kind), CLIENTS, 1)
                .withService(name(kind))
                .withProviders(CLIENTS);
    }

    private static boolean isLiveEnd(Event event, String stream) {
        return event.is("disconnected")
                && event.text("stream").equals(stream)
                && event.text("phase").equals("LIVE");
    }
}
