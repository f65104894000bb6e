package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the clocks of a stream decide: heartbeats, silence, and a client that takes nothing. */
class WatchStreamClockTest extends WatchStreamFixture {

    @Test
    void heartbeat_withoutAcknowledgement_endsTheStream() {
        hello();
        pass(Duration.ofSeconds(26));
        assertThat(written()).singleElement().isInstanceOf(Frame.Heartbeat.class);
        pass(Duration.ofSeconds(11));
        assertThat(endCause()).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
    }

    @Test
    void silence_thatABrokenConnectionExplains_isThatBreak() {
        hello();
        pass(Duration.ofSeconds(37));
        assertThat(endCause()).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
        assertThat(stream.close(CloseCause.PEER_RESET))
                .as("the reset waited in the socket while the clock ran")
                .isEqualTo(CloseCause.PEER_RESET);
        assertThat(hub.stats().closes(CloseCause.PEER_RESET)).isOne();
        assertThat(hub.stats().closes(CloseCause.HEARTBEAT_TIMEOUT)).isZero();
    }

    @Test
    void silence_whoseEndGotThrough_stands() {
        hello();
        pass(Duration.ofSeconds(37));
        assertThat(stream.close(CloseCause.CLIENT_COMPLETED)).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
    }

    @Test
    void slowConsumer_whoThenResets_staysOne() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        outlet.refuse();
        put(13, "c");
        pass(Duration.ofSeconds(31));
        assertThat(stream.close(CloseCause.PEER_RESET)).isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void stalledStream_isEndedAndReset_whenItsMemoryIsNeeded_andOneThatTakesDataIsNot() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        hub.endMostStalled();
        loop.runAll();
        assertThat(outlet.end()).isNull();
        outlet.refuse();
        put(13, "c");
        pass(Duration.ofMillis(500));
        hub.endMostStalled();
        loop.runAll();
        assertThat(outlet.end()).as("a second of patience").isNull();
        pass(Duration.ofSeconds(1));
        hub.endMostStalled();
        loop.runAll();
        assertThat(endCause()).isEqualTo(CloseCause.SLOW_CONSUMER);
        assertThat(outlet.wasReset()).isTrue();
    }

    @Test
    void heartbeat_acknowledged_keepsTheStream() {
        hello();
        for (int i = 0; i < 600; i++) {
            pass(TICK);
            for (Frame frame : written()) {
                stream.acknowledge(((Frame.Heartbeat) frame).seq(), null);
            }
        }
        assertThat(outlet.end()).isNull();
        assertThat(stream.state()).isEqualTo(StreamState.OPEN);
    }

    @Test
    void starvedByANeighbour_itsClocksStand_andGoOnWhenTheNeighbourIsGone() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        outlet.refuse();
        put(13, "c");
        pass(Duration.ofSeconds(20));
        outlet.starve(true);
        pass(Duration.ofMinutes(5));
        assertThat(outlet.end()).isNull();
        outlet.starve(false);
        pass(Duration.ofSeconds(9));
        assertThat(outlet.end()).isNull();
        pass(Duration.ofSeconds(2));
        assertThat(endCause()).isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void starvedByANeighbour_itsHeartbeatMayWaitForItsAcknowledgement() {
        hello();
        pass(Duration.ofSeconds(26));
        outlet.hold(true);
        outlet.starve(true);
        pass(Duration.ofMinutes(5));
        assertThat(outlet.end()).isNull();
        outlet.starve(false);
        outlet.hold(false);
        pass(Duration.ofSeconds(11));
        assertThat(endCause()).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
    }

    @Test
    void heldBack_isAStreamThatStalls_andOneWhoseEndHasNotGotThrough() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        assertThat(stream.isHeldBack()).isFalse();
        outlet.refuse();
        put(13, "c");
        pass(TICK);
        assertThat(stream.isHeldBack()).isTrue();
        pass(Duration.ofSeconds(31));
        assertThat(endCause()).isEqualTo(CloseCause.SLOW_CONSUMER);
        assertThat(stream.isHeldBack()).isTrue();
        stream.close(CloseCause.PEER_EOF);
        assertThat(stream.isHeldBack()).as("it is over").isFalse();
    }

    @Test
    void transportThatTakesNothing_whileDataWaits_endsAsSlowConsumerThenIsReset() {
        hello();
        stream.subscribe(1, ORDERS, null, true);
        outlet.refuse();
        put(13, "c");
        pass(Duration.ofSeconds(29));
        assertThat(outlet.end()).isNull();
        pass(Duration.ofSeconds(2));
        assertThat(endCause()).isEqualTo(CloseCause.SLOW_CONSUMER);
        assertThat(Objects.requireNonNull(outlet.end()).written()).containsEntry(1L, new Cursor("e1", 12));
        assertThat(outlet.wasReset()).isFalse();
        pass(Duration.ofSeconds(11));
        assertThat(outlet.wasReset()).isTrue();
    }

    @Test
    void transportThatTakesNothing_standsTheOtherClocksStill() {
        hello();
        pass(Duration.ofSeconds(26));
        outlet.refuse();
        pass(Duration.ofMinutes(3));
        assertThat(endCause())
                .as("neither the missing acknowledgement nor the silence decides")
                .isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void heartbeatThatDoesNotLeave_standsTheOtherClocksStill_andEndsAsSlowConsumer() {
        hello();
        pass(Duration.ofSeconds(26));
        outlet.hold(true);
        pass(Duration.ofSeconds(29));
        assertThat(outlet.end()).as("neither clock but the last runs").isNull();
        assertThat(written())
                .as("no second heartbeat queues behind the first")
                .singleElement()
                .isInstanceOf(Frame.Heartbeat.class);
        pass(Duration.ofSeconds(11));
        assertThat(endCause()).isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void heartbeatThatLeavesLate_isAwaitedFromThen() {
        hello();
        pass(Duration.ofSeconds(15));
        outlet.hold(true);
        pass(Duration.ofSeconds(25));
        outlet.hold(false);
        pass(Duration.ofSeconds(9));
        assertThat(outlet.end()).isNull();
        pass(Duration.ofSeconds(2));
        assertThat(endCause()).isEqualTo(CloseCause.HEARTBEAT_TIMEOUT);
    }

    @Test
    void pauseOfTheServer_countsAsOneTick() {
        hello();
        now += Duration.ofHours(1).toNanos();
        hub.tick();
        loop.runAll();
        assertThat(outlet.end()).isNull();
    }
}
