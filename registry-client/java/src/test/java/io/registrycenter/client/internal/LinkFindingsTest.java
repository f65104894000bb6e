package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Links.cut;
import static io.registrycenter.client.internal.Links.live;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Instance;
import io.registrycenter.client.StreamKind;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What one link or call of a client finds out, the others do not wait for. */
class LinkFindingsTest {

    private static final Duration SOON = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(20);

    private static FakeWorld world(int servers) {
        FakeWorld world = new FakeWorld(servers, Runnable::run, Duration.ofSeconds(60));
        world.random = 0.999;
        return world;
    }

    /** All servers are down for so long that the watch has just begun to wait long, after an attempt at the target. */
    private static void outage(FakeWorld world, String target) {
        world.servers.forEach(FakeServer::stop);
        DisconnectReport begun;
        do {
            int before = world.reports.size();
            do {
                world.pass(Duration.ofMillis(50));
            } while (world.reports.size() == before || world.report().stream() != StreamKind.WATCH);
            begun = world.report();
        } while (begun.nextAttemptIn().compareTo(LONG) < 0 || !begun.target().endsWith(target));
    }

    private static void register(FakeWorld world) {
        world.client.register("orders", Instance.builder("a").build());
        world.server().session().send(Frames.opened("s1", 1));
    }

    private static void awaitSession(FakeWorld world, FakeServer server) {
        int before = server.sessions.size();
        while (server.sessions.size() == before) {
            world.pass(Duration.ofMillis(50));
        }
    }

    @Test
    void sessionLiveAgain_watchWaitsLong_triesSoon() {
        try (FakeWorld world = world(1)) {
            FakeServer server = world.server();
            live(world, server);
            register(world);
            outage(world, "");
            server.start();
            awaitSession(world, server);
            world.pass(Duration.ofSeconds(1));
            assertThat(server.watches).as("a stream was asked for, not given").hasSize(1);

            server.session().send(Frames.opened("s1", 2));
            world.pass(SOON.minusMillis(1));
            assertThat(server.watches).as("not all clients at once").hasSize(1);
            world.pass(Duration.ofMillis(1));
            assertThat(server.watches).hasSize(2);
        }
    }

    @Test
    void callAnswered_watchWaitsLong_triesSoon() {
        try (FakeWorld world = world(1)) {
            live(world, world.server());
            outage(world, "");
            world.server().start();
            assertThat(world.client.services().toCompletableFuture()).isCompleted();
            world.pass(SOON);
            assertThat(world.server().watches).hasSize(2);
        }
    }

    @Test
    void reached_severalTargets_thatOneIsTriedFirst() {
        try (FakeWorld world = world(3)) {
            FakeServer only = world.servers.get(1);
            world.client.watch("orders", new RecordingListener());
            world.client.register("orders", Instance.builder("a").build());
            world.servers.get(2).session().send(Frames.opened("s1", 1));
            // By itself it would go anywhere else next.
            outage(world, "-1");
            only.start();
            awaitSession(world, only);
            only.session().send(Frames.opened("s1", 2));
            world.pass(SOON);
            assertThat(only.watches).hasSize(1);
        }
    }

    @Test
    void reached_whileAnAttemptGotNoAnswer_theNextIsSoon() {
        try (FakeWorld world = world(1)) {
            world.client.watch("orders", new RecordingListener());
            while (world.reports.isEmpty() || world.report().nextAttemptIn().compareTo(LONG) < 0) {
                world.pass(Duration.ofMillis(50));
            }
            world.pass(world.report().nextAttemptIn());
            int failed = world.reports.size();
            world.pass(Duration.ofSeconds(5));
            assertThat(world.client.services().toCompletableFuture()).isCompleted();
            world.pass(Duration.ofSeconds(5));
            assertThat(world.reports).hasSize(failed + 1);
            assertThat(world.report().cause()).isEqualTo(CloseCause.CONNECT_TIMEOUT);
            assertThat(world.report().nextAttemptIn()).isLessThanOrEqualTo(SOON);
        }
    }

    @Test
    void serversHint_sessionLive_isWaitedFor() {
        try (FakeWorld world = world(1)) {
            FakeServer server = world.server();
            live(world, server);
            server.watch().fail(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED", Duration.ofSeconds(20)));
            register(world);
            world.pass(Duration.ofMillis(19_999));
            assertThat(server.watches).hasSize(1);
            world.pass(Duration.ofMillis(1));
            assertThat(server.watches).hasSize(2);
        }
    }

    @Test
    void drainsHint_sessionLive_isWaitedFor() {
        try (FakeWorld world = world(1)) {
            FakeServer server = world.server();
            live(world, server);
            server.watch().send(Frames.draining(8_000));
            server.watch().fail(Status.UNAVAILABLE.asRuntimeException());
            register(world);
            world.pass(Duration.ofMillis(7_999));
            assertThat(server.watches).hasSize(1);
            world.pass(Duration.ofMillis(1));
            assertThat(server.watches).hasSize(2);
        }
    }

    @Test
    void serverHasAnswered_itsOwnNo_isNoNews() {
        for (String reason : new String[] {"SERVER_FAULT", "DENIED"}) {
            try (FakeWorld world = world(1)) {
                live(world, world.server());
                do {
                    world.server().watch().fail(Errors.of(Status.Code.INTERNAL, reason));
                    if (world.report().nextAttemptIn().compareTo(LONG) < 0) {
                        world.pass(world.report().nextAttemptIn());
                    }
                } while (world.report().nextAttemptIn().compareTo(LONG) < 0);
                int before = world.server().watches.size();
                register(world);
                world.pass(Duration.ofSeconds(10));
                assertThat(world.server().watches).as(reason).hasSize(before);
            }
        }
    }

    /** Each link that comes up wakes the other: that must not become a storm. */
    @Test
    void server_takesEveryStreamAndLosesIt_theLinksDoNotChaseEachOther() {
        try (FakeWorld world = world(1)) {
            FakeServer server = world.server();
            world.dice = new Random(1)::nextDouble;
            live(world, server);
            register(world);
            cut(world);
            int watches = server.watches.size();
            int sessions = server.sessions.size();
            for (int tenth = 0; tenth < 1_200; tenth++) {
                world.pass(Duration.ofMillis(100));
                if (!server.watch().over()) {
                    Links.synced(server.watch());
                    server.watch().fail(Status.UNAVAILABLE.asRuntimeException());
                }
                if (!server.session().over()) {
                    server.session().send(Frames.opened("s1", server.sessions.size()));
                    server.session().fail(Status.UNAVAILABLE.asRuntimeException());
                }
            }
            // Two minutes: one each 2.5 s, and what the backoff itself allows.
            assertThat(server.watches.size() - watches).isBetween(20, 60);
            assertThat(server.sessions.size() - sessions).isLessThan(150);
        }
    }
}
