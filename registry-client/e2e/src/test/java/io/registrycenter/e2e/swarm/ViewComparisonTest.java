package io.registrycenter.e2e.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.swarm.ViewComparison.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bookend stands at revision 5, and somebody's late write may take effect at 6 before the registry is read. */
class ViewComparisonTest {

    private static final Instance BOOKEND = instance("bookend", 5);
    private static final Instance LATE = instance("late", 6);

    @Test
    void a_view_at_the_revision_of_the_answer_is_compared() {
        assertThat(ViewComparison.of(List.of(view(5, BOOKEND), change(5), view(7), change(7)), answer(5, BOOKEND)))
                .isEqualTo(Verdict.EQUAL);
        assertThat(ViewComparison.of(List.of(view(5), change(5), view(7), change(7)), answer(5, BOOKEND)))
                .isEqualTo(Verdict.DIFFERENT);
    }

    @Test
    void a_late_write_in_the_answer_is_held_against_the_view_that_has_it_too() {
        List<Event> told =
                List.of(view(5, BOOKEND), change(5), view(6, BOOKEND, LATE), change(6), view(7, LATE), change(7));
        assertThat(ViewComparison.of(told, answer(6, BOOKEND, LATE))).isEqualTo(Verdict.EQUAL);
        assertThat(ViewComparison.of(told, answer(6, BOOKEND))).isEqualTo(Verdict.DIFFERENT);
    }

    @Test
    void an_answer_may_be_newer_than_the_last_change_of_its_service() {
        assertThat(ViewComparison.of(List.of(view(5, BOOKEND), change(5), view(9), change(9)), answer(8, BOOKEND)))
                .isEqualTo(Verdict.EQUAL);
    }

    @Test
    void a_late_write_that_came_together_with_the_end_is_not_compared() {
        assertThat(ViewComparison.of(
                        List.of(view(5, BOOKEND), change(5), view(7, LATE), change(6), change(7)),
                        answer(6, BOOKEND, LATE)))
                .isEqualTo(Verdict.NEVER_AT_THAT_REVISION);
    }

    private static InstanceList answer(long revision, Instance... instances) {
        return new InstanceList(new Cursor("e", revision), List.of(instances), false);
    }

    private static Event view(long revision, Instance... instances) {
        return event(Map.of("event", "view", "revision", revision, "digest", ViewDigest.of(List.of(instances))));
    }

    private static Event change(long revision) {
        return event(Map.of("event", "change", "revision", revision));
    }

    private static Event event(Map<String, Object> fields) {
        return Event.of(Event.write(fields));
    }

    private static Instance instance(String id, long revision) {
        return new Instance("orders", id, List.of(), "", 1, Map.of(), InstanceStatus.UP, 1, revision);
    }
}
