package io.registrycenter.e2e.history;

import io.registrycenter.e2e.history.Operation.Kind;
import io.registrycenter.e2e.history.Operation.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** What time says about revisions: those acknowledged before an operation, and those of operations after it. Immutable. */
final class RealTime {

    /** The highest revision that had been acknowledged at a time. */
    private final TreeMap<Long, Long> acknowledged = new TreeMap<>();
    /** The lowest revision made by whatever was invoked at a time or later. */
    private final TreeMap<Long, Long> made = new TreeMap<>();

    RealTime(List<Operation> operations) {
        List<Operation> answered = operations.stream()
                .filter(operation -> operation.outcome() == Outcome.OK)
                .toList();
        long highest = 0;
        for (Operation operation : answered.stream()
                .sorted(Comparator.comparingLong(Operation::returned))
                .toList()) {
            highest = Math.max(highest, operation.revision());
            acknowledged.put(operation.returned(), highest);
        }
        // A status that stood already is answered with an old revision, which is none that was made.
        long lowest = Long.MAX_VALUE;
        for (Operation operation : answered.stream()
                .filter(operation -> operation.kind() != Kind.UPDATE_STATUS)
                .sorted(Comparator.comparingLong(Operation::invoked).reversed())
                .toList()) {
            lowest = Math.min(lowest, operation.revision());
            made.put(operation.invoked(), lowest);
        }
    }

    /** The state the operation met has this revision or a higher one. */
    long floor(Operation operation) {
        var before = acknowledged.lowerEntry(operation.invoked());
        return before == null ? 0 : before.getValue();
    }

    /** The state the operation met has this revision or a lower one. */
    long ceiling(Operation operation) {
        var after = made.higherEntry(operation.returned());
        return after == null ? Long.MAX_VALUE : after.getValue() - 1;
    }
}
