package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineWheelTest {

    private static final long TICK = DeadlineWheel.TICK_NANOS;

    private final DeadlineWheel wheel = new DeadlineWheel();

    private static final class Thing extends DeadlineWheel.Entry {}

    @Test
    void advance_beforeTheDeadline_bringsNothing() {
        Thing thing = new Thing();
        wheel.schedule(thing, 10 * TICK + 1);
        assertThat(wheel.advance(10 * TICK + 1)).isEmpty();
        assertThat(wheel.advance(11 * TICK)).containsExactly(thing);
        assertThat(wheel.advance(12 * TICK)).isEmpty();
    }

    @Test
    void schedule_nearer_moves_andFurther_doesNot() {
        Thing thing = new Thing();
        wheel.schedule(thing, 10 * TICK);
        wheel.schedule(thing, 20 * TICK);
        wheel.schedule(thing, 5 * TICK);
        assertThat(wheel.advance(5 * TICK)).containsExactly(thing);
        assertThat(wheel.advance(30 * TICK)).isEmpty();
    }

    @Test
    void schedule_inThePast_comesUpNext() {
        assertThat(wheel.advance(100 * TICK)).isEmpty();
        Thing thing = new Thing();
        wheel.schedule(thing, 3 * TICK);
        assertThat(wheel.advance(101 * TICK)).containsExactly(thing);
    }

    @Test
    void schedule_beyondTheWheel_comesUpEarlierAndNotTwice() {
        Thing thing = new Thing();
        wheel.schedule(thing, 1_000_000 * TICK);
        assertThat(wheel.advance(4_000 * TICK)).isEmpty();
        assertThat(wheel.advance(5_000 * TICK)).containsExactly(thing);
    }

    @Test
    void cancel_isNotBroughtUp() {
        Thing thing = new Thing();
        wheel.schedule(thing, TICK);
        wheel.cancel(thing);
        wheel.cancel(thing);
        assertThat(wheel.advance(10 * TICK)).isEmpty();
    }

    @Test
    void everyEntryComesUpAtItsTickWhateverTheOrder() {
        Random random = new Random(7);
        Map<DeadlineWheel.Entry, Long> deadlines = new HashMap<>();
        for (int i = 0; i < 5_000; i++) {
            Thing thing = new Thing();
            long deadline = random.nextLong(3_000 * TICK);
            deadlines.put(thing, deadline);
            wheel.schedule(thing, deadline);
        }
        long before = -1;
        for (long now = 0; now <= 3_000 * TICK; now += random.nextLong(20 * TICK)) {
            for (DeadlineWheel.Entry entry : wheel.advance(now)) {
                Long deadline = deadlines.remove(entry);
                assertThat(deadline).isNotNull().isLessThanOrEqualTo(now).isGreaterThan(before - TICK);
            }
            before = now;
        }
        wheel.advance(3_001 * TICK).forEach(deadlines::remove);
        assertThat(deadlines).isEmpty();
    }
}
