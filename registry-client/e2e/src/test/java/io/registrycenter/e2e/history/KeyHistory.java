package io.registrycenter.e2e.history;

import java.util.ArrayList;
import java.util.List;

/** The states of one instance, in the order of revisions. Confined to one thread. */
final class KeyHistory {

    private final List<State> states = new ArrayList<>(List.of(State.nothing(0)));

    /**
     * A state.
     *
     * @param revision at which it began
     * @param holder the session that holds the instance; empty when there is none
     */
    record State(long revision, String holder, String token, String status) {

        static State nothing(long revision) {
            return new State(revision, "", "", "");
        }

        boolean heldBy(String session) {
            return holder.equals(session);
        }
    }

    State newest() {
        return states.getLast();
    }

    void add(State state) {
        states.add(state);
    }

    /** The state at a revision and all that began later, up to another revision. */
    List<State> between(long from, long to) {
        List<State> found = new ArrayList<>();
        for (State state : states) {
            if (state.revision() <= from) {
                found.clear();
            }
            if (state.revision() <= from || state.revision() <= to) {
                found.add(state);
            }
        }
        return found;
    }
}
