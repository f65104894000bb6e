package io.registrycenter.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.history.Operation.Kind;
import io.registrycenter.e2e.history.Operation.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every kind of violation is planted once; and what is legal, though it looks odd, is let pass. */
class HistoryCheckTest {

    private static final String KEY = "churn/a";

    private final List<Operation> operations = new ArrayList<>();
    private final List<Happened> log = new ArrayList<>();

    @Test
    void an_orderly_history_is_accepted() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        ok(1, Kind.UPDATE_STATUS, "", "LEAVING", 30, 40, 6);
        ok(2, Kind.REGISTER, "t2", "UP", 50, 60, 8);
        answer(1, Kind.DEREGISTER, "", 70, 80, Outcome.NOT_HOLDER);
        ok(2, Kind.DEREGISTER, "", "", 90, 95, 9);
        put(5, "t1", "UP");
        put(6, "t1", "LEAVING");
        put(8, "t2", "UP");
        removed(9, "DEREGISTERED");
        assertThat(violations()).isEmpty();
    }

    @Test
    void what_overlaps_may_take_effect_in_either_order() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 100, 8);
        ok(2, Kind.REGISTER, "t2", "UP", 20, 90, 5);
        put(5, "t2", "UP");
        put(8, "t1", "UP");
        assertThat(violations()).isEmpty();
    }

    @Test
    void an_unknown_outcome_may_take_effect_once_later_or_never() {
        answer(1, Kind.REGISTER, "t1", 10, 20, Outcome.UNKNOWN);
        answer(2, Kind.REGISTER, "t2", 10, 20, Outcome.UNKNOWN);
        ok(3, Kind.REGISTER, "t3", "UP", 30, 40, 5);
        put(5, "t3", "UP");
        put(7, "t1", "UP");
        assertThat(violations()).isEmpty();
    }

    @Test
    void an_unknown_outcome_that_took_effect_twice_is_found() {
        answer(1, Kind.REGISTER, "t1", 10, 20, Outcome.UNKNOWN);
        put(5, "t1", "UP");
        put(7, "t1", "UP");
        assertThat(violations()).singleElement().asString().contains("nobody asked");
    }

    @Test
    void an_acknowledged_write_that_was_lost_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        assertThat(violations()).singleElement().asString().contains("lost");
    }

    @Test
    void an_answer_with_a_wrong_revision_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 4);
        put(5, "t1", "UP");
        assertThat(violations()).anyMatch(wrong -> wrong.contains("lost"));
    }

    @Test
    void a_write_that_stored_something_else_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        put(5, "t9", "UP");
        assertThat(violations()).anyMatch(wrong -> wrong.contains("nobody asked"));
    }

    @Test
    void a_false_removal_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        put(5, "t1", "UP");
        removed(6, "SESSION_EXPIRED");
        assertThat(violations()).singleElement().asString().contains("nobody asked");
    }

    @Test
    void a_removal_by_one_who_was_not_the_holder_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        ok(2, Kind.DEREGISTER, "", "", 30, 40, 6);
        put(5, "t1", "UP");
        removed(6, "DEREGISTERED");
        assertThat(violations()).anyMatch(wrong -> wrong.contains("nobody asked"));
    }

    @Test
    void revisions_against_real_time_are_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 8);
        ok(2, Kind.REGISTER, "t2", "UP", 30, 40, 5);
        put(5, "t2", "UP");
        put(8, "t1", "UP");
        assertThat(violations()).singleElement().asString().contains("not in real time");
    }

    @Test
    void an_unknown_outcome_that_took_effect_before_it_was_invoked_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 8);
        answer(2, Kind.REGISTER, "t2", 30, 40, Outcome.UNKNOWN);
        put(5, "t2", "UP");
        put(8, "t1", "UP");
        assertThat(violations()).singleElement().asString().contains("not in real time");
    }

    @Test
    void a_refusal_of_the_holder_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        answer(1, Kind.DEREGISTER, "", 30, 40, Outcome.NOT_HOLDER);
        put(5, "t1", "UP");
        assertThat(violations()).singleElement().asString().contains("refused although");
    }

    @Test
    void a_status_that_stood_is_answered_with_its_revision() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        ok(1, Kind.UPDATE_STATUS, "", "UP", 30, 40, 5);
        put(5, "t1", "UP");
        assertThat(violations()).isEmpty();
    }

    @Test
    void a_status_that_an_unanswered_call_had_set_is_answered_with_its_revision() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        operations.add(new Operation(
                1, "s1", Kind.UPDATE_STATUS, KEY, "", "LEAVING", 30, 40, Outcome.UNKNOWN, 0, "no answer"));
        operations.add(new Operation(2, "s2", Kind.REGISTER, "churn/b", "t2", "UP", 50, 60, Outcome.OK, 7, ""));
        ok(1, Kind.UPDATE_STATUS, "", "LEAVING", 70, 80, 6);
        put(5, "t1", "UP");
        put(6, "t1", "LEAVING");
        log.add(new Happened(7, "churn/b", "", "t2", "UP"));
        assertThat(violations()).isEmpty();
    }

    /** A try that lay in the buffer of a server, and took effect when its client had been answered elsewhere and gone on. */
    @Test
    void an_acknowledged_call_that_took_effect_twice_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        ok(1, Kind.DEREGISTER, "t2", "", 30, 40, 6);
        put(5, "t1", "UP");
        removed(6, "DEREGISTERED");
        put(7, "t1", "UP");
        assertThat(violations()).singleElement().asString().contains("nobody asked");
    }

    @Test
    void an_acknowledged_removal_that_took_effect_twice_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        ok(1, Kind.DEREGISTER, "t2", "", 30, 40, 6);
        ok(1, Kind.REGISTER, "t3", "UP", 50, 60, 7);
        put(5, "t1", "UP");
        removed(6, "DEREGISTERED");
        put(7, "t3", "UP");
        removed(8, "DEREGISTERED");
        assertThat(violations()).singleElement().asString().contains("nobody asked");
    }

    @Test
    void an_acknowledged_status_that_took_effect_twice_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        ok(1, Kind.UPDATE_STATUS, "t2", "LEAVING", 30, 40, 6);
        ok(1, Kind.UPDATE_STATUS, "t3", "DOWN", 50, 60, 7);
        put(5, "t1", "UP");
        put(6, "t1", "LEAVING");
        put(7, "t1", "DOWN");
        put(8, "t1", "LEAVING");
        assertThat(violations()).singleElement().asString().contains("nobody asked");
    }

    @Test
    void an_answer_from_the_past_is_found() {
        ok(1, Kind.REGISTER, "t1", "UP", 10, 20, 5);
        ok(1, Kind.UPDATE_STATUS, "", "LEAVING", 30, 40, 6);
        ok(1, Kind.UPDATE_STATUS, "", "UP", 50, 60, 5);
        put(5, "t1", "UP");
        put(6, "t1", "LEAVING");
        assertThat(violations()).singleElement().asString().contains("another's revision");
    }

    private List<String> violations() {
        return HistoryCheck.violations(operations, log);
    }

    private void ok(int client, Kind kind, String token, String status, long invoked, long returned, long revision) {
        operations.add(new Operation(
                client, "s" + client, kind, KEY, token, status, invoked, returned, Outcome.OK, revision, ""));
    }

    private void answer(int client, Kind kind, String token, long invoked, long returned, Outcome outcome) {
        String status = kind == Kind.REGISTER ? "UP" : "";
        operations.add(
                new Operation(client, "s" + client, kind, KEY, token, status, invoked, returned, outcome, 0, ""));
    }

    private void put(long revision, String token, String status) {
        log.add(new Happened(revision, KEY, "", token, status));
    }

    private void removed(long revision, String reason) {
        log.add(new Happened(revision, KEY, reason, "", ""));
    }
}
