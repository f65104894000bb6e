package io.registrycenter.e2e.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Change;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RemovalReason;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.ViewChange;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A check that finds nothing is worth nothing: every violation is planted once. */
class ViewCheckTest {

    private static final Instance A5 = instance("a", 5);
    private static final Instance B6 = instance("b", 6);
    private static final Instance A7 = instance("a", 7);

    private final ViewCheck check = new ViewCheck();

    @Test
    void steps_that_keep_every_promise_are_silent() {
        assertThat(first()).isEmpty();
        assertThat(check.next(step(null, 6, List.of(put(B6)), List.of(A5, B6)))).isEmpty();
        assertThat(check.next(step(null, 7, List.of(put(A7)), List.of(A7, B6)))).isEmpty();
        assertThat(check.next(step(null, 8, List.of(removal(B6, 8)), List.of(A7))))
                .isEmpty();
        assertThat(check.next(step(SnapshotReason.COMPACTED, 20, List.of(removal(A7, 20)), List.of())))
                .isEmpty();
    }

    @Test
    void a_cursor_that_goes_back_is_told() {
        assertThat(first()).isEmpty();
        assertThat(check.next(step(null, 4, List.of(), List.of(A5))))
                .singleElement()
                .asString()
                .contains("time travel");
    }

    @Test
    void a_change_that_was_told_before_is_told() {
        assertThat(first()).isEmpty();
        assertThat(check.next(step(null, 6, List.of(put(A5)), List.of(A5))))
                .singleElement()
                .asString()
                .contains("not unique");
    }

    @Test
    void revisions_that_decrease_are_told() {
        assertThat(first()).isEmpty();
        assertThat(check.next(step(null, 7, List.of(put(A7), put(B6)), List.of(A7, B6))))
                .singleElement()
                .asString()
                .contains("not ordered");
    }

    @Test
    void a_change_that_never_came_is_told() {
        assertThat(first()).isEmpty();
        assertThat(check.next(step(null, 7, List.of(put(A7)), List.of(A7, B6))))
                .singleElement()
                .asString()
                .contains("not convergent");
    }

    @Test
    void another_epoch_without_a_snapshot_is_told() {
        assertThat(first()).isEmpty();
        ViewChange other = new ViewChange(
                Interest.service("default", "orders"), null, List.of(), List.of(A5), new Cursor("f", 9), false);
        assertThat(check.next(other)).singleElement().asString().contains("another epoch");
    }

    private List<String> first() {
        return check.next(step(SnapshotReason.INITIAL, 5, List.of(put(A5)), List.of(A5)));
    }

    private static ViewChange step(
            @Nullable SnapshotReason snapshot, long revision, List<Change> changes, List<Instance> view) {
        return new ViewChange(
                Interest.service("default", "orders"), snapshot, changes, view, new Cursor("e", revision), false);
    }

    private static Change put(Instance instance) {
        return new Change.Put(instance, null, instance.modifiedRevision());
    }

    private static Change removal(Instance instance, long revision) {
        return new Change.Removal(instance, RemovalReason.DEREGISTERED, revision);
    }

    private static Instance instance(String id, long revision) {
        return new Instance("orders", id, List.of(), "", 1, Map.of(), InstanceStatus.UP, 1, revision);
    }
}
