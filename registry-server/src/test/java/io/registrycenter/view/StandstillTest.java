package io.registrycenter.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Told by whoever asks first, for a second, and only of time in which nobody gave a sign. */
class StandstillTest {

    private static final Duration PAUSE = Duration.ofSeconds(2);

    private long now = Long.MAX_VALUE - Duration.ofSeconds(3).toNanos();
    private final Standstill standstill = new Standstill(() -> now, PAUSE);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void signsInTime_areNoStandstill_alsoWhenTheClockWrapsAround() {
        assertThat(standstill.lately()).isFalse();
        for (int i = 0; i < 20; i++) {
            pass(Duration.ofMillis(250));
            assertThat(standstill.lately()).isFalse();
        }
        pass(PAUSE);
        assertThat(standstill.lately()).isFalse();
    }

    @Test
    void aGap_isFoundByWhoAsksFirst_andToldForASecond() {
        pass(PAUSE.plusNanos(1));
        assertThat(standstill.lately()).as("nobody else ran yet").isTrue();
        assertThat(standstill.lately()).as("found by another").isTrue();
        pass(Standstill.AFTERMATH.minusNanos(1));
        assertThat(standstill.lately()).isTrue();
        pass(Duration.ofNanos(1));
        assertThat(standstill.lately()).isFalse();
    }

    @Test
    void anotherGapInTheSecondAfterOne_countsAnew() {
        pass(PAUSE.plusNanos(1));
        assertThat(standstill.lately()).isTrue();
        pass(PAUSE.plusNanos(1));
        assertThat(standstill.lately()).isTrue();
        pass(Standstill.AFTERMATH.minusNanos(1));
        assertThat(standstill.lately()).isTrue();
    }

    @Test
    void aGapBeforeItBegins_isNone() {
        pass(Duration.ofMinutes(1));
        standstill.begin();
        assertThat(standstill.lately()).isFalse();
    }
}
