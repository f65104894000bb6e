package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Refusal.LimitExceeded;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SnapshotLimitsTest {

    @Test
    void asManyAtATime_areLetIn_andOneMoreWhenOneIsThrough() {
        SnapshotLimits limits = new SnapshotLimits(2, 0, () -> 0, 1, new Random(1));
        assertThat(limits.begin(false)).isNull();
        assertThat(limits.begin(true)).isNull();
        LimitExceeded refused = limits.begin(false);
        assertThat(refused).isNotNull();
        if (refused != null) {
            assertThat(refused.limit()).isEqualTo(SnapshotLimits.CONCURRENT);
            assertThat(refused.allowed()).isEqualTo(2);
            assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
        }
        limits.done();
        assertThat(limits.begin(false)).isNull();
        assertThat(limits.begin(false)).isNotNull();
    }

    @Test
    void sharedOnes_areNotCountedPerSecond_andOneThatIsRefusedTakesNoPlace() {
        SnapshotLimits limits = new SnapshotLimits(1, 1, () -> 0, 1, new Random(1));
        assertThat(limits.begin(true)).isNull();
        limits.done();
        LimitExceeded refused = limits.begin(true);
        for (int i = 0; i < 5 && refused == null; i++) {
            limits.done();
            refused = limits.begin(true);
        }
        assertThat(refused).isNotNull();
        if (refused != null) {
            assertThat(refused.limit()).isEqualTo(SnapshotLimits.PER_SECOND);
        }
        assertThat(limits.begin(false)).as("its place is free").isNull();
    }

    @Test
    void whatTheSocketsDidNotTake_keepsSnapshotsFromBeginning_untilThereIsRoom() {
        AtomicLong used = new AtomicLong(1_001);
        SnapshotLimits limits = new SnapshotLimits(1, 0, used::get, 1_000, new Random(1));
        LimitExceeded refused = limits.begin(false);
        assertThat(refused).isNotNull();
        if (refused != null) {
            assertThat(refused.limit()).isEqualTo(SnapshotLimits.BUFFER_BYTES);
            assertThat(refused.allowed()).isEqualTo(1_000);
            assertThat(refused.actual()).isEqualTo(1_001);
        }
        used.set(1_000);
        assertThat(limits.begin(false)).as("it took no place").isNull();
    }

    @Test
    void zero_isAnyNumber() {
        SnapshotLimits limits = new SnapshotLimits(0, 0, () -> 0, 1, new Random(1));
        for (int i = 0; i < 100_000; i++) {
            assertThat(limits.begin(true)).isNull();
        }
        limits.done();
    }
}
