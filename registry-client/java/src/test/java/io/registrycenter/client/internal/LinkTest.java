package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Links.cut;
import static io.registrycenter.client.internal.Links.live;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How the client comes back: causes, targets, deadlines. */
class LinkTest {

    @Test
    void lost_severalTargets_triesAnother() {
        try (FakeWorld world = new FakeWorld(3, Runnable::run, Duration.ofSeconds(60))) {
            world.random = 0;
            live(world, world.servers.get(0));
            cut(world);
            world.pass(Duration.ofSeconds(1));
            assertThat(world.servers.get(1).watches).hasSize(1);
        }
    }

    @Test
    void lost_manyTimes_anyTargetButTheLastAtRandom() {
        try (FakeWorld world = new FakeWorld(3, Runnable::run, Duration.ofSeconds(60))) {
            world.dice = new Random(1)::nextDouble;
            world.client.watch("orders", new RecordingListener());
            Map<String, Integer> moves = new TreeMap<>();
            for (int i = 0; i < 300; i++) {
                FakeServer from = serving(world);
                from.watch().fail(Status.UNAVAILABLE.asRuntimeException());
                world.pass(world.report().nextAttemptIn());
                moves.merge(
                        world.servers.indexOf(from) + " to " + world.servers.indexOf(serving(world)), 1, Integer::sum);
            }
            assertThat(moves.keySet()).containsExactly("0 to 1", "0 to 2", "1 to 0", "1 to 2", "2 to 0", "2 to 1");
            assertThat(moves.values()).allMatch(times -> times > 20);
        }
    }

    private static FakeServer serving(FakeWorld world) {
        return world.servers.stream()
                .filter(server -> !server.watches.isEmpty() && !server.watch().over())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void readTimeout_noFrame_endsAndReconnects() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.pass(Duration.ofSeconds(50));
            world.server().watch().send(heartbeat(0, 1, cursor(EPOCH, 8)));
            world.pass(Duration.ofMillis(89_999));
            assertThat(world.reports).isEmpty();
            world.pass(Duration.ofMillis(1));
            assertThat(world.report().cause()).isEqualTo(CloseCause.READ_TIMEOUT);
            assertThat(world.report().idle()).isEqualTo(Duration.ofSeconds(90));
            assertThat(world.server().watches.get(0).over()).isTrue();
        }
    }

    @Test
    void readTimeout_afterOwnSleep_readsWhatCameFirst() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.timing.sleep(Duration.ofMinutes(10));
            world.server().watch().send(heartbeat(0, 1, cursor(EPOCH, 8)));
            world.pass(Duration.ofSeconds(5));
            assertThat(world.reports).isEmpty();
        }
    }

    @Test
    void connectTimeout_noAnswer_triedAgain() {
        try (FakeWorld world = new FakeWorld()) {
            world.client.watch("orders", new RecordingListener());
            world.pass(Duration.ofSeconds(10));
            assertThat(world.report().cause()).isEqualTo(CloseCause.CONNECT_TIMEOUT);
            assertThat(world.report().phase()).isEqualTo(Phase.CONNECTING);
            world.pass(Duration.ofSeconds(1));
            assertThat(world.server().watches).hasSize(2);
        }
    }

    @Test
    void serverRestart_downForAWhile_everyAttemptIsReal() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server().stop();
            for (int i = 0; i < 5; i++) {
                world.pass(world.report().nextAttemptIn());
            }
            int before = world.reports.size();
            assertThat(before).isGreaterThan(3);
            world.server().start();
            world.pass(world.report().nextAttemptIn());
            assertThat(world.server().watches)
                    .as("the first attempt after the start reaches it")
                    .hasSize(2);
            assertThat(world.reports).hasSize(before);
        }
    }
}
