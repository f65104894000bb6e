package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamClockTest {

    private static final long TICK = Duration.ofMillis(500).toNanos();

    private final WatchSettings settings = WatchSettings.DEFAULTS;
    private final StreamClock clock = new StreamClock(settings, new Random(1), 0);
    private long now;

    /** Until the clock asks for something, but for a heartbeat. */
    private StreamClock.Verdict pass(Duration time, boolean held) {
        for (long left = time.toNanos(); left > 0; left -= TICK) {
            now += TICK;
            StreamClock.Verdict verdict = clock.tick(now, true, false, held);
            if (verdict != StreamClock.Verdict.FINE && verdict != StreamClock.Verdict.HEARTBEAT_DUE) {
                return verdict;
            }
        }
        return StreamClock.Verdict.FINE;
    }

    @Test
    void acknowledged_alwaysOneBehind_isProgress() {
        clock.heartbeatWritten(now);
        for (int i = 0; i < 20; i++) {
            clock.received();
            clock.heartbeatWritten(now);
            assertThat(pass(Duration.ofSeconds(9), false)).isEqualTo(StreamClock.Verdict.FINE);
            clock.acknowledged(1);
        }
        assertThat(clock.awaitsAck()).isTrue();
    }

    @Test
    void acknowledged_theSameAgain_isNoProgress() {
        clock.heartbeatWritten(now);
        clock.heartbeatWritten(now);
        clock.acknowledged(1);
        assertThat(pass(Duration.ofSeconds(9), false)).isEqualTo(StreamClock.Verdict.FINE);
        clock.acknowledged(1);
        assertThat(pass(Duration.ofSeconds(1), false)).isEqualTo(StreamClock.Verdict.ACK_OVERDUE);
    }

    @Test
    void acknowledged_theNewest_leavesNothingToAwait() {
        clock.heartbeatWritten(now);
        clock.heartbeatWritten(now);
        clock.acknowledged(0);
        assertThat(clock.awaitsAck()).isFalse();
        assertThat(pass(Duration.ofSeconds(59), false)).isEqualTo(StreamClock.Verdict.FINE);
        assertThat(pass(Duration.ofSeconds(1), false)).isEqualTo(StreamClock.Verdict.IDLE);
    }

    @Test
    void tick_heartbeatHeld_runsTheStallClockAlone() {
        clock.heartbeatWritten(now);
        assertThat(pass(Duration.ofSeconds(29), true)).isEqualTo(StreamClock.Verdict.FINE);
        assertThat(clock.idleNanos()).isZero();
        assertThat(pass(Duration.ofSeconds(1), true)).isEqualTo(StreamClock.Verdict.STALLED);
    }

    @Test
    void tick_heartbeatHeldForAWhile_startsTheStallClockAgain() {
        clock.heartbeatWritten(now);
        assertThat(pass(Duration.ofSeconds(29), true)).isEqualTo(StreamClock.Verdict.FINE);
        assertThat(pass(Duration.ofSeconds(1), false)).isEqualTo(StreamClock.Verdict.FINE);
        assertThat(clock.stalledNanos()).isZero();
    }
}
