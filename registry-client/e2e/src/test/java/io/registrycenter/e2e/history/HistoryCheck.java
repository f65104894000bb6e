package io.registrycenter.e2e.history;

import io.registrycenter.e2e.history.KeyHistory.State;
import io.registrycenter.e2e.history.Operation.Kind;
import io.registrycenter.e2e.history.Operation.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether acknowledged writes are linearizable. No search is needed, since every answer names its revision: what happened is
 * replayed in the order of revisions, each change must be what one operation asked for, each answer must fit the state it was
 * given in, and what took effect did so above every revision that had been acknowledged when it was invoked.
 *
 * <p>A call takes effect once, however often it was repeated; one with an unknown outcome once or never, at any time after its
 * invocation. Confined to one thread.
 */
public final class HistoryCheck {

    private final RealTime time;
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, KeyHistory> keys = new HashMap<>();
    /** Acknowledged operations by revision and key, in the order of their invocation. */
    private final Map<String, List<Operation>> acknowledged = new HashMap<>();
    /** Unknown ones by key, in the order of their invocation, that have not been found to have taken effect. */
    private final Map<String, List<Operation>> unknown = new HashMap<>();

    private HistoryCheck(List<Operation> operations) {
        time = new RealTime(operations);
        operations.stream().sorted(Comparator.comparingLong(Operation::invoked)).forEach(operation -> {
            switch (operation.outcome()) {
                case OK -> into(acknowledged, at(operation.revision(), operation.key()), operation);
                case UNKNOWN -> into(unknown, operation.key(), operation);
                case NOT_HOLDER, REFUSED -> {
                    // Nothing to be found in the log.
                }
            }
        });
    }

    private static void into(Map<String, List<Operation>> lists, String key, Operation operation) {
        lists.computeIfAbsent(key, absent -> new ArrayList<>()).add(operation);
    }

    /**
     * What is wrong; empty when nothing is.
     *
     * @param log every change of the operations' keys, in the order of revisions
     */
    public static List<String> violations(List<Operation> operations, List<Happened> log) {
        HistoryCheck check = new HistoryCheck(operations);
        long last = 0;
        for (Happened change : log) {
            if (change.revision() < last) {
                check.wrong.add("the log goes back from " + last + " to " + change);
            }
            last = change.revision();
            check.replay(change);
        }
        check.acknowledged.values().forEach(left -> left.forEach(check::foundItDone));
        operations.stream()
                .filter(operation -> operation.outcome() == Outcome.NOT_HOLDER)
                .forEach(check::refusal);
        return List.copyOf(check.wrong);
    }

    private void replay(Happened change) {
        KeyHistory history = history(change.key());
        State before = history.newest();
        List<Operation> answered = acknowledged.getOrDefault(at(change.revision(), change.key()), List.of());
        List<Operation> open = unknown.getOrDefault(change.key(), List.of());
        // An answer may also be of one that found it done: then the cause is another, which had not been answered.
        Optional<Operation> cause = taken(answered, change, before, true)
                .or(() -> taken(open, change, before, true))
                .or(() -> taken(answered, change, before, false))
                .or(() -> taken(open, change, before, false));
        String holder = before.holder();
        if (cause.isEmpty()) {
            wrong.add("nobody asked for " + change + " after " + before + "; answered with its revision were "
                    + answered);
        } else {
            Operation operation = cause.get();
            if (change.revision() <= time.floor(operation)) {
                wrong.add("not in real time: revision " + time.floor(operation) + " had been acknowledged before "
                        + operation + " was invoked, which took effect at " + change.revision());
            }
            holder = operation.kind() == Kind.REGISTER ? operation.session() : holder;
        }
        history.add(
                change.isPut()
                        ? new State(change.revision(), holder, change.token(), change.status())
                        : State.nothing(change.revision()));
    }

    /** Takes the first that explains the change, in real time or not, out of the list. */
    private Optional<Operation> taken(List<Operation> operations, Happened change, State before, boolean inRealTime) {
        Optional<Operation> first = operations.stream()
                .filter(operation -> explains(operation, change, before))
                .filter(operation -> !inRealTime || change.revision() > time.floor(operation))
                .findFirst();
        first.ifPresent(operations::remove);
        return first;
    }

    /** Whether the operation, done in that state, does that. */
    private static boolean explains(Operation operation, Happened change, State before) {
        return switch (operation.kind()) {
            case REGISTER ->
                change.isPut()
                        && change.token().equals(operation.request())
                        && change.status().equals(operation.status());
            case UPDATE_STATUS ->
                change.isPut()
                        && before.heldBy(operation.session())
                        && change.token().equals(before.token())
                        && change.status().equals(operation.status());
            case DEREGISTER -> change.removal().equals("DEREGISTERED") && before.heldBy(operation.session());
        };
    }

    /** It was answered with a revision it did not make: right only for a status that stood already. */
    private void foundItDone(Operation operation) {
        boolean stood = operation.kind() == Kind.UPDATE_STATUS
                && history(operation.key()).between(time.floor(operation), time.ceiling(operation)).stream()
                        .anyMatch(state -> state.revision() == operation.revision()
                                && state.heldBy(operation.session())
                                && state.status().equals(operation.status()));
        if (!stood) {
            wrong.add("lost, or answered with another's revision: " + operation);
        }
    }

    private void refusal(Operation operation) {
        boolean always = history(operation.key()).between(time.floor(operation), time.ceiling(operation)).stream()
                .allMatch(state -> state.heldBy(operation.session()));
        if (always) {
            wrong.add("refused although it was the holder all the time: " + operation);
        }
    }

    private KeyHistory history(String key) {
        return keys.computeIfAbsent(key, absent -> new KeyHistory());
    }

    private static String at(long revision, String key) {
        return revision + " " + key;
    }
}
