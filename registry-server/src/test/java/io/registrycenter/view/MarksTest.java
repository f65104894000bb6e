package io.registrycenter.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class MarksTest {

    private static final InstanceKey A = new InstanceKey("shop", "orders", "a");
    private static final InstanceKey B = new InstanceKey("shop", "orders", "b");

    @Example
    void a_mark_is_that_of_the_last_change_at_or_below_the_revision() {
        Marks marks = new Marks();
        marks.applied(10, put(A, instance("a", 10)));
        marks.applied(20, put(B, instance("b", 20)));
        assertThat(marks.at(9)).isEqualTo(marks.at(0)).isNotEqualTo(Cursor.NO_MARK);
        assertThat(marks.at(19)).isEqualTo(marks.at(10)).isNotEqualTo(marks.at(9));
        assertThat(marks.at(20)).isNotEqualTo(marks.at(19));
    }

    @Example
    void a_revision_that_is_not_reached_has_none_and_one_that_is_passed_has() {
        Marks marks = new Marks();
        marks.applied(10, put(A, instance("a", 10)));
        assertThat(marks.at(11)).isEqualTo(Cursor.NO_MARK);
        marks.passed(15);
        assertThat(marks.at(11)).isEqualTo(marks.at(10));
        assertThat(marks.at(16)).isEqualTo(Cursor.NO_MARK);
    }

    @Example
    void what_was_before_the_beginning_is_not_known() {
        Marks marks = new Marks();
        marks.begin(100, put(A, instance("a", 7)));
        assertThat(marks.at(99)).isEqualTo(Cursor.NO_MARK);
        assertThat(marks.at(100)).isNotEqualTo(Cursor.NO_MARK);
        assertThat(marks.oldest()).isEqualTo(100);
    }

    @Example
    void the_same_state_has_the_same_mark_whatever_the_way_to_it() {
        Marks one = new Marks();
        one.applied(10, put(A, instance("a", 10)));
        one.applied(20, put(B, instance("b", 20)));
        one.applied(30, List.of(change(A, instance("a", 10), null)));
        Marks other = new Marks();
        other.begin(25, List.of(change(B, null, instance("b", 20)), change(A, null, instance("a", 10))));
        other.applied(30, List.of(change(A, instance("a", 10), null)));
        Marks third = new Marks();
        third.begin(30, put(B, instance("b", 20)));
        assertThat(one.at(29)).isEqualTo(other.at(29));
        assertThat(one.at(30)).isEqualTo(other.at(30)).isEqualTo(third.at(30));
    }

    @Example
    void the_oldest_go_when_there_are_too_many_and_the_others_stay() {
        int most = 3_000;
        Marks bounded = new Marks(most);
        Marks whole = new Marks();
        Instance before = null;
        for (int revision = 1; revision <= 3 * most; revision++) {
            Instance now = instance("a", revision);
            bounded.applied(revision, List.of(change(A, before, now)));
            whole.applied(revision, List.of(change(A, before, now)));
            before = now;
        }
        assertThat(bounded.oldest()).isEqualTo(2L * most + 1);
        assertThat(bounded.at(2L * most)).isEqualTo(Cursor.NO_MARK);
        Set<Long> seen = new HashSet<>();
        for (int revision = 2 * most + 1; revision <= 3 * most; revision++) {
            assertThat(bounded.at(revision)).isEqualTo(whole.at(revision));
            assertThat(seen.add(bounded.at(revision))).isTrue();
        }
    }

    /** The checksum is part of what servers of different versions agree on: this number never changes. */
    @Example
    void the_number_of_an_instance_is_what_it_was_in_every_version() {
        Instance whole = new Instance(
                "orders",
                "a",
                List.of(new Endpoint("grpc", "10.0.0.7", 8080, true)),
                "z1",
                50,
                Map.of("b", "2", "a", "1"),
                InstanceStatus.LEAVING,
                7,
                9);
        assertThat(new InstanceSum().of(A, whole)).isEqualTo(-6134765205672363573L);
    }

    @Property(tries = 500)
    void whatever_differs_in_an_instance_differs_in_its_number(
            @ForAll("instances") Instance one, @ForAll("instances") Instance other) {
        InstanceSum sum = new InstanceSum();
        assertThat(sum.of(A, one) == sum.of(A, other)).isEqualTo(one.equals(other));
        assertThat(sum.of(A, one)).isEqualTo(new InstanceSum().of(A, one)).isNotEqualTo(sum.of(B, one));
    }

    @Provide
    Arbitrary<Instance> instances() {
        Arbitrary<String> text = Arbitraries.of("", "a", "b", "ab");
        Arbitrary<Endpoint> endpoint = Combinators.combine(
                        text, text, Arbitraries.integers().between(1, 2), Arbitraries.of(true, false))
                .as(Endpoint::new);
        return Combinators.combine(
                        endpoint.list().ofMaxSize(2),
                        text,
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.maps(text, text).ofMaxSize(2),
                        Arbitraries.of(InstanceStatus.class),
                        Arbitraries.longs().between(1, 3),
                        Arbitraries.longs().between(3, 5))
                .as((endpoints, zone, weight, metadata, status, created, modified) ->
                        new Instance("orders", "a", endpoints, zone, weight, metadata, status, created, modified));
    }

    private static List<InstanceChange> put(InstanceKey key, Instance instance) {
        return List.of(change(key, null, instance));
    }

    private static InstanceChange change(InstanceKey key, @Nullable Instance before, @Nullable Instance after) {
        return new InstanceChange(key, before, after, null, "", "");
    }

    private static Instance instance(String id, long revision) {
        return new Instance(
                "orders", id, List.of(), "", 100, Map.of(), InstanceStatus.UP, Math.min(7, revision), revision);
    }
}
