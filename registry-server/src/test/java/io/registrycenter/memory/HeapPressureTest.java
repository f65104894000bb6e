package io.registrycenter.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class HeapPressureTest {

    private static final long MAX = 1_000;
    private static final long SHARE = 400;

    private final HeapPressure pressure = new HeapPressure(SHARE, 0);

    private static HeapSample live(long live) {
        return new HeapSample(live, MAX, 0);
    }

    @Test
    void history_givesUp_whatIsOverTheAim_andNotMore() {
        assertThat(pressure.judge(live(840), 400)).isEqualTo(SHARE);
        assertThat(pressure.judge(live(900), 400)).isEqualTo(400 - 150);
        assertThat(pressure.tight()).isTrue();
    }

    @Test
    void oneFigure_isJudgedOnce() {
        assertThat(pressure.judge(live(900), 400)).isEqualTo(250);
        assertThat(pressure.judge(live(900), 250)).isEqualTo(250);
    }

    @Test
    void whatHistoryTakes_counts_notWhatItMight() {
        assertThat(pressure.judge(live(900), 200)).isEqualTo(50);
        assertThat(pressure.judge(live(901), 50))
                .as("there is nothing left to give")
                .isZero();
    }

    @Test
    void room_givesTheShareBack_stepByStep() {
        assertThat(pressure.judge(live(950), 100)).isZero();
        for (int step = 1; step <= 8; step++) {
            assertThat(pressure.judge(live(600 + step), 0)).isEqualTo(step * SHARE / 8);
        }
        assertThat(pressure.tight()).isFalse();
        assertThat(pressure.judge(live(500), 400)).isEqualTo(SHARE);
    }

    @Property
    void allowed_isNeverBelowNothing_norAboveTheShare(
            @ForAll @LongRange(min = 0, max = 1_000) long first,
            @ForAll @LongRange(min = 0, max = 1_000) long second,
            @ForAll @LongRange(min = 0, max = 400) long held) {
        HeapPressure one = new HeapPressure(SHARE, 0);
        assertThat(one.judge(live(first), held)).isBetween(0L, SHARE);
        assertThat(one.judge(live(second), held)).isBetween(0L, SHARE);
    }

    @Test
    void collections_allTheTime_areHopeless_onlyWhenHistoryHasShrunk() {
        long window = Duration.ofSeconds(30).toNanos();
        assertThat(pressure.hopeless(new HeapSample(500, MAX, 1_000), 0)).isFalse();
        assertThat(pressure.hopeless(new HeapSample(500, MAX, 28_000), window)).isFalse();
        pressure.judge(live(990), 0);
        assertThat(pressure.hopeless(new HeapSample(990, MAX, 40_000), 2 * window))
                .as("12 of 30 s")
                .isFalse();
        assertThat(pressure.hopeless(new HeapSample(990, MAX, 60_000), 2 * window + window / 2))
                .as("before the window is over")
                .isFalse();
        assertThat(pressure.hopeless(new HeapSample(990, MAX, 66_000), 3 * window))
                .as("26 of 30 s")
                .isTrue();
    }

    @Test
    void aHeapThatTellsNothing_changesNothing() {
        assertThat(pressure.judge(new HeapSample(0, 0, 0), 400)).isEqualTo(SHARE);
    }

    @Test
    void theHeapOfThisJvm_tellsOfItsOldGeneration() {
        HeapSample sample = new Heap().sample();
        assertThat(sample.max()).isPositive();
        assertThat(sample.live()).isBetween(0L, sample.max());
    }
}
