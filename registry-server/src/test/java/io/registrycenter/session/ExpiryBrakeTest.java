package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ExpiryBrakeTest {

    private final ExpiryBrake brake = new ExpiryBrake(BrakeSettings.DEFAULT);
    private long now = Duration.ofHours(1).toNanos();

    private int after(Duration time, int due, int alive) {
        now += time.toNanos();
        return brake.allow(now, due, alive);
    }

    private int next(int due, int alive) {
        return after(Duration.ofMillis(250), due, alive);
    }

    @Test
    void allow_belowTheFloor_letsAllGo() {
        assertThat(next(50, 50)).isEqualTo(50);
    }

    @Test
    void allow_shareOfMany_letsUpToTheShareGo() {
        assertThat(next(150, 1_000)).isEqualTo(150);
        assertThat(next(1, 850)).isZero();
        assertThat(brake.state()).isEqualTo(BrakeState.HOLDING);
    }

    @Test
    void allow_aboveTheShareAtOnce_holdsAll() {
        assertThat(next(151, 1_000)).isZero();
        assertThat(brake.state()).isEqualTo(BrakeState.HOLDING);
    }

    @Test
    void allow_spreadOverTheWindow_isCountedTogether() {
        for (int i = 0; i < 5; i++) {
            assertThat(after(Duration.ofSeconds(10), 10, 200 - 10 * i)).isEqualTo(10);
        }
        assertThat(after(Duration.ofSeconds(5), 1, 150)).isZero();
        assertThat(after(Duration.ofSeconds(20), 1, 150)).isEqualTo(1);
        assertThat(brake.state()).isEqualTo(BrakeState.OFF);
    }

    @Test
    void hold_ratioRecovers_goesOn() {
        assertThat(next(100, 200)).isZero();
        assertThat(next(51, 200)).isZero();
        assertThat(next(50, 200)).isEqualTo(50);
        assertThat(brake.state()).isEqualTo(BrakeState.OFF);
    }

    @Test
    void hold_tooLong_goesOnAtThePace() {
        int left = 10_000;
        assertThat(next(left, 10_000)).isZero();
        assertThat(after(Duration.ofMinutes(15).minusSeconds(1), left, 10_000)).isZero();
        assertThat(after(Duration.ofSeconds(1), left, 10_000)).isZero();
        assertThat(brake.state()).isEqualTo(BrakeState.PACED);
        for (int second = 0; second < 10; second++) {
            int gone = 0;
            for (int quarter = 0; quarter < 4; quarter++) {
                gone += next(left - gone, left - gone);
            }
            assertThat(gone).isEqualTo(500);
            left -= gone;
        }
    }

    @Test
    void release_whileHolding_goesOnAtThePaceUntilNothingIsLeft() {
        assertThat(brake.release()).isFalse();
        assertThat(next(1_000, 2_000)).isZero();
        assertThat(brake.release()).isTrue();
        assertThat(next(1_000, 2_000)).isZero();
        assertThat(after(Duration.ofSeconds(1), 1_000, 2_000)).isEqualTo(500);
        assertThat(brake.release()).isFalse();
        assertThat(after(Duration.ofSeconds(1), 500, 1_500)).isEqualTo(500);
        assertThat(next(0, 1_000)).isZero();
        assertThat(brake.state()).isEqualTo(BrakeState.OFF);
    }

    @Test
    void paced_sessionsAreNotCountedAsVanished() {
        assertThat(next(1_000, 1_000)).isZero();
        assertThat(brake.release()).isTrue();
        assertThat(next(1_000, 1_000)).isZero();
        assertThat(after(Duration.ofSeconds(1), 1_000, 1_000)).isEqualTo(500);
        assertThat(after(Duration.ofSeconds(1), 500, 500)).isEqualTo(500);
        assertThat(next(50, 100)).isEqualTo(50);
    }
}
