package io.registrycenter.e2e.tour;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's tour: real processes, real TCP, kill -9. */
class TourIT {

    /** Small: seconds instead of the defaults. Full: what a new user sees. */
    private static final boolean FULL = "full".equals(System.getProperty("proof.size"));

    private static final String[] SETTINGS = FULL
            ? new String[0]
            : new String[] {"--registry.session.reconnect-grace=2s", "--registry.session.restart-grace=10s"};

    private static final Duration REMOVAL = FULL ? Duration.ofSeconds(25) : Duration.ofSeconds(15);
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void a_killed_provider_goes_with_its_reason_and_a_killed_server_changes_nothing() {
        Programs.Server server = Programs.Server.in(directory, SETTINGS);
        try (Program first = server.start();
                Program watcher = watcher(server);
                Program one = provider(server, "orders-1", 8081);
                Program two = provider(server, "orders-2", 8082)) {
            change(watcher, 0, "put", "orders-1");
            change(watcher, 0, "put", "orders-2");

            one.kill();
            Program.Line removed = change(watcher, 0, "removal", "orders-1");
            assertThat(Event.of(removed.text()).text("reason")).isEqualTo("SESSION_EXPIRED");

            int beforeTheKill = watcher.lines(0).size();
            first.kill();
            Program.Line lost = event(watcher, beforeTheKill, "lost", RECOVERY);
            assertThat(Event.of(lost.text()).text("cause")).isNotEmpty();
            try (Program second = server.start()) {
                event(watcher, lost.index(), "resumed", RECOVERY);
                assertThat(instances(server)).as("orders-2 outlived the server").containsExactly("orders-2");

                try (Program three = provider(server, "orders-3", 8083)) {
                    Program.Line arrived = change(watcher, beforeTheKill, "put", "orders-3");
                    List<Event> between =
                            Event.of(watcher.lines(beforeTheKill).subList(0, arrived.index() - beforeTheKill));
                    assertThat(between)
                            .as("from the kill to the next registration: no change event, no snapshot")
                            .noneMatch(Event::isChange)
                            .noneMatch(event -> event.is("snapshot"));

                    assertThat(two.terminate(Duration.ofSeconds(20))).isZero();
                    Program.Line left = change(watcher, arrived.index(), "removal", "orders-2");
                    assertThat(Event.of(left.text()).text("reason")).isEqualTo("DEREGISTERED");
                    assertThat(three.terminate(Duration.ofSeconds(20))).isZero();
                }
                assertThat(second.terminate(Duration.ofSeconds(30)))
                        .as("SIGTERM: " + second.errors())
                        .isZero();
            }
        }
    }

    /** Has its first view, so that it is told of everything that is registered from now on. */
    private static Program watcher(Programs.Server server) {
        Program watcher = Programs.ctl("watch", server, "watch", "orders");
        event(watcher, 0, "snapshot", RECOVERY);
        return watcher;
    }

    private static Program provider(Programs.Server server, String id, int port) {
        Program provider = Programs.ctl(id, server, "register", "orders", id, "--endpoint", "grpc=127.0.0.1:" + port);
        event(provider, 0, "registered", RECOVERY);
        return provider;
    }

    private static List<String> instances(Programs.Server server) {
        try (Program list = Programs.ctl("instances", server, "instances", "orders")) {
            assertThat(list.awaitExit(RECOVERY)).as(list.errors()).isZero();
            return Event.of(list.lines(0)).stream()
                    .filter(event -> event.is("instances"))
                    .flatMap(event -> event.each("instances"))
                    .map(instance -> instance.text("id"))
                    .toList();
        }
    }

    private static Program.Line event(Program program, int from, String event, Duration within) {
        return program.await(from, line -> Event.is(line, event), event, within);
    }

    private static Program.Line change(Program watcher, int from, String event, String id) {
        return watcher.await(
                from,
                line -> Event.is(line, event) && Event.of(line).text("id").equals(id),
                event + " of " + id,
                REMOVAL);
    }
}
