package io.registrycenter.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    private static final long MB = 1L << 20;

    @Property
    void the_parts_never_take_more_than_there_is_and_leave_room_to_work(
            @ForAll @LongRange(min = 60, max = 65_536) long heapMb,
            @ForAll @DoubleRange(min = 0.05, max = 0.8) double fraction,
            @ForAll @LongRange(min = 1, max = 65_536) long capMb) {
        MemoryBudget budget = MemoryBudget.of(heapMb * MB, fraction, capMb * MB);
        assertThat(budget.waitingCommits()).isPositive();
        assertThat(budget.newestCommits()).isPositive();
        assertThat(budget.history()).isPositive().isLessThanOrEqualTo(capMb * MB);
        assertThat(budget.view()).isPositive();
        assertThat(budget.waitingCommits() + budget.newestCommits() + budget.history())
                .isLessThanOrEqualTo(budget.shared());
        long left = budget.heap() - MemoryBudget.PROGRAM_BYTES - budget.shared() - budget.view();
        assertThat(left).isGreaterThanOrEqualTo(budget.view());
    }

    @Property
    void more_heap_never_gives_any_part_less(
            @ForAll @LongRange(min = 60, max = 65_536) long heapMb,
            @ForAll @LongRange(min = 0, max = 1_024) long moreMb,
            @ForAll @DoubleRange(min = 0.05, max = 0.8) double fraction) {
        MemoryBudget less = MemoryBudget.of(heapMb * MB, fraction, 256 * MB);
        MemoryBudget more = MemoryBudget.of((heapMb + moreMb) * MB, fraction, 256 * MB);
        assertThat(more.history()).isGreaterThanOrEqualTo(less.history());
        assertThat(more.waitingCommits()).isGreaterThanOrEqualTo(less.waitingCommits());
        assertThat(more.newestCommits()).isGreaterThanOrEqualTo(less.newestCommits());
        assertThat(more.view()).isGreaterThanOrEqualTo(less.view());
    }

    @Test
    void a_heap_without_room_for_the_program_has_no_budget() {
        assertThatThrownBy(() -> MemoryBudget.of(59 * MB, 0.5, MB)).isInstanceOf(IllegalArgumentException.class);
    }
}
