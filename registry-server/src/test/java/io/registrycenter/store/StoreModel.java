package io.registrycenter.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** The history as a plain list: what every store must agree with. */
final class StoreModel {

    /** One step of a random history. */
    sealed interface Step {
        record Write(int key, boolean delete, boolean guarded, boolean guardRight) implements Step {}

        record Compact(int back) implements Step {}

        record Read(int back) implements Step {}
    }

    static Arbitrary<List<Step>> histories() {
        Arbitrary<Step> writes = Combinators.combine(
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.of(true, false, false),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, true, false))
                .as(Step.Write::new);
        Arbitrary<Step> compacts = Arbitraries.integers().between(0, 6).map(Step.Compact::new);
        Arbitrary<Step> reads = Arbitraries.integers().between(0, 6).map(Step.Read::new);
        return Arbitraries.frequencyOf(Tuple.of(10, writes), Tuple.of(1, compacts), Tuple.of(2, reads))
                .list()
                .ofMinSize(5)
                .ofMaxSize(40);
    }

    private final List<Commit> commits = new ArrayList<>();
    private long floor;

    long head() {
        return commits.isEmpty() ? 0 : commits.getLast().revision();
    }

    long revisionBack(int back) {
        return commits.size() <= back
                ? 0
                : commits.get(commits.size() - 1 - back).revision();
    }

    List<StoredRecord> at(long revision) {
        Map<RecordKey, StoredRecord> records = new HashMap<>();
        for (Commit commit : commits) {
            for (Mutation mutation : commit.mutations()) {
                RecordValue value = mutation.value();
                if (commit.revision() <= revision) {
                    records.remove(mutation.key());
                    if (value != null) {
                        records.put(mutation.key(), new StoredRecord(mutation.key(), commit.revision(), value));
                    }
                }
            }
        }
        return List.copyOf(records.values());
    }

    void write(Store store, Step.Write step, String text) {
        RecordKey key = new RecordKey.OfSession("k" + step.key());
        long current = at(head()).stream()
                .filter(stored -> stored.key().equals(key))
                .mapToLong(StoredRecord::revision)
                .findFirst()
                .orElse(0);
        List<Guard> guards =
                step.guarded() ? List.of(new Guard(key, step.guardRight() ? current : current + 1)) : List.of();
        List<Mutation> mutations = List.of(step.delete() ? new Mutation(key, null) : StoreContract.put(key, text));
        Outcome outcome = StoreContract.get(store.commit(new Transaction(guards, mutations)));
        if (step.guarded() && !step.guardRight()) {
            assertThat(outcome).isInstanceOf(Outcome.Conflict.class);
        } else {
            long revision = StoreContract.committed(outcome);
            assertThat(revision).isGreaterThan(head());
            commits.add(new Commit(revision, mutations));
        }
    }

    long floor() {
        return floor;
    }

    void compacted(long newFloor) {
        floor = newFloor;
    }

    List<Commit> commits() {
        return commits;
    }
}
