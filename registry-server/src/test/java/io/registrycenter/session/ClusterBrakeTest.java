package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.session.ClusterWorld.Server;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How fast sessions end when many of several servers are over at once. */
class ClusterBrakeTest {

    private ClusterWorld world = new ClusterWorld(3);
    private Server a = world.server(0);
    private Server b = world.server(1);
    private final Server c = world.server(2);

    private void two(SessionSettings settings) {
        world = new ClusterWorld(2, settings, 1);
        a = world.server(0);
        b = world.server(1);
    }

    private static SessionSettings with(BrakeSettings brake) {
        SessionSettings defaults = SessionSettings.DEFAULT;
        return new SessionSettings(
                defaults.ttl(),
                defaults.heartbeatInterval(),
                defaults.reconnectGrace(),
                defaults.restartGrace(),
                defaults.orphanGrace(),
                defaults.pause(),
                brake);
    }

    @Test
    void orphans_many_goAtThePace() {
        two(with(new BrakeSettings(1, 50, Duration.ofSeconds(60), Duration.ofMinutes(15), 500)));
        a.opened(1_200);
        a.kill();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        long reaped = b.sessions().stats().reaped();
        assertThat(reaped).isZero();
        for (int second = 0; second < 5; second++) {
            world.pass(Duration.ofSeconds(1));
            assertThat(b.sessions().stats().reaped() - reaped).isLessThanOrEqualTo(500);
            reaped = b.sessions().stats().reaped();
        }
        assertThat(reaped).isEqualTo(1_200);
        assertThat(b.view().sessions()).isEmpty();
    }

    @Test
    void orphans_moreThanBelievable_areHeldUntilReleased() {
        a.opened(60);
        List<TestLink> others = b.opened(60);
        a.kill();
        world.keepAlive(ClusterWorld.LEASE_AND_GRACE.plus(ClusterWorld.SOON), others.toArray(TestLink[]::new));
        assertThat(b.sessions().stats().brake()).isEqualTo(BrakeState.HOLDING);
        assertThat(b.sessions().stats().held()).isEqualTo(60);
        assertThat(c.sessions().stats().brake()).isEqualTo(BrakeState.OFF);
        assertThat(b.sessions().release()).isTrue();
        world.keepAlive(Duration.ofSeconds(2), others.toArray(TestLink[]::new));
        assertThat(b.sessions().stats().reaped()).isEqualTo(60);
        assertThat(b.view().sessions()).hasSize(60);
    }

    @Test
    void orphans_heldAndTheirServerBack_areItsOwnAgain() {
        TestLink[] links = a.opened(60).toArray(TestLink[]::new);
        a.freeze();
        world.pass(ClusterWorld.LEASE_AND_GRACE.plus(ClusterWorld.SOON));
        assertThat(b.sessions().stats().held()).isEqualTo(60);
        a.thaw();
        world.keepAlive(Duration.ofSeconds(20), links);
        assertThat(b.sessions().stats().brake()).isEqualTo(BrakeState.OFF);
        assertThat(b.sessions().stats().count(SessionState.SUSPECT)).isZero();
        assertThat(a.sessions().stats().count(SessionState.ACTIVE)).isEqualTo(60);
    }

    @Test
    void brake_countsWhatExpiresOnOtherServers() {
        a.opened(30);
        b.opened(30);
        a.sessions().links().all().forEach(link -> link.executor().execute(() -> link.closed(CloseCause.PEER_RESET)));
        world.pass(Duration.ofSeconds(12));
        assertThat(a.sessions().stats().expired()).isEqualTo(30);
        world.pass(Duration.ofSeconds(10));
        assertThat(b.sessions().stats().brake()).as("30 here after 30 there").isEqualTo(BrakeState.HOLDING);
        assertThat(b.sessions().stats().expired()).isZero();
    }
}
