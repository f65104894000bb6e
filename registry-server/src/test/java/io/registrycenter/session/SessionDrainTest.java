package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Sessions of a server that refuses their clients. */
class SessionDrainTest {

    private static final Duration SWEEP = Duration.ofMillis(250);

    private final SessionWorld world = new SessionWorld();

    @Test
    void hold_expiresNobody_andTheFirstSweepAfterItGivesAFullTtl() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_EOF);
        for (int i = 0; i < 400; i++) {
            world.standStill(SWEEP);
            world.sessions.hold();
        }
        world.pass(Duration.ofSeconds(14));
        assertThat(world.registered("a")).isTrue();
        assertThat(world.sessions.stats().pauses())
                .as("not a pause of the process")
                .isZero();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.registered("a")).isFalse();
    }

    @Test
    void resumedElsewhere_afterItWasAskedToMove_isNotFenced() {
        TestLink link = world.opened();
        link.executor().execute(() -> link.link.drain(CloseCause.DRAINING, SWEEP, SWEEP));
        world.steps.run();
        TestLink next = world.resumed(link.id(), link.fence(), "attempt");
        assertThat(next.isOpened()).isTrue();
        assertThat(link.endCause()).isEqualTo(CloseCause.DRAINING);
    }

    /** The server went on after all, as after a drain that was cancelled. */
    @Test
    void resumedElsewhere_longAfterItWasAskedToMove_isFenced() {
        TestLink link = world.opened();
        link.executor().execute(() -> link.link.drain(CloseCause.DRAINING, SWEEP, SWEEP));
        world.pass(SWEEP);
        assertThat(world.resumed(link.id(), link.fence(), "attempt").isOpened()).isTrue();
        assertThat(link.endCause()).isEqualTo(CloseCause.FENCED);
    }

    @Test
    void causeOfACancel_isWhatItWasAskedFor_untilTheDeadlineItWasTold() {
        TestLink link = world.opened();
        assertThat(link.link.causeOf(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.CLIENT_CANCELLED);
        link.executor().execute(() -> link.link.drain(CloseCause.DRAINING, SWEEP.multipliedBy(2), SWEEP));
        world.pass(SWEEP);
        assertThat(link.link.causeOf(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.DRAINING);
        assertThat(link.link.causeOf(CloseCause.PEER_RESET)).isEqualTo(CloseCause.PEER_RESET);
        world.pass(SWEEP);
        assertThat(link.link.causeOf(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.CLIENT_CANCELLED);
        assertThat(link.ending()).isNull();
    }
}
