package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;

/**
 * Copies of the data are put back under the epoch they had, again and again, and what was after them is written anew. Whatever a
 * client then resumes with: it keeps nothing that is not there, misses nothing that is, and is told of another history only when
 * the one it knows was thrown away. Every engine runs it, and the fake.
 */
abstract class PutBackGuarantees {

    private static final List<Interest> INTERESTS = List.of(
            new Interest(WatchWorld.NAMESPACE, "orders", Map.of()),
            new Interest(WatchWorld.NAMESPACE, "carts", Map.of()),
            new Interest(WatchWorld.NAMESPACE, "", Map.of()),
            new Interest(WatchWorld.NAMESPACE, "orders", Map.of("colour", "blue")));

    abstract CopiedEngine engine();

    /** How many histories, by the size of the proof. */
    abstract int histories();

    /** What happens between two looks at the clients. */
    abstract int steps();

    @Property(tries = 1, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void no_client_is_left_in_a_history_that_was_thrown_away(@ForAll long seed) {
        for (int i = 0; i < histories(); i++) {
            long own = seed + i * 1_000_003L;
            try (History history = new History(own, engine())) {
                history.begin();
                for (int step = 0; step < steps(); step++) {
                    history.step();
                }
                history.end();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("with seed " + own, e);
            }
        }
    }

    /** One schedule. */
    private static final class History implements AutoCloseable {

        private final Random random;
        private final CopiedEngine engine;
        private final WordsEncoding encoding = new WordsEncoding();
        private final Commits commits;
        private final List<PutBackClient> clients = new ArrayList<>();

        /** By the revision after which it began: which of the histories that there were the revisions belong to. */
        private TreeMap<Long, Integer> line = new TreeMap<>(Map.of(-1L, 0));

        private final List<TreeMap<Long, Integer>> copiedLines = new ArrayList<>();
        private final List<Long> copiedHeads = new ArrayList<>();

        /** Which history each client's cursor is of. */
        private final Map<PutBackClient, Integer> known = new HashMap<>();

        private int histories;

        private WatchServer server;

        History(long seed, CopiedEngine engine) {
            this.random = new Random(seed);
            this.engine = engine;
            this.commits = new Commits(random, WatchWorld.NAMESPACE);
            INTERESTS.forEach(interest -> clients.add(new PutBackClient(interest, encoding)));
            INTERESTS.forEach(interest -> clients.add(new PutBackClient(interest, encoding)));
            server = boot();
        }

        private WatchServer boot() {
            return new WatchServer(engine.store(), encoding, false, () -> 0, random);
        }

        /** The plain case: the revisions that a client has seen are given once more, to other changes. */
        void begin() {
            commit(5);
            copied();
            PutBackClient namespaceWide = clients.get(2);
            commit(5);
            assertThat(resume(namespaceWide, 100)).containsExactly(SnapshotReason.INITIAL);
            putBack(0);
            commit(50);
            assertThat(resume(namespaceWide, 100)).containsExactly(SnapshotReason.EPOCH_CHANGED);
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0 -> copied();
                case 1, 2 -> putBack(random.nextInt(copiedHeads.size()));
                case 3 -> anew(engine::restart);
                case 4 ->
                    engine.store()
                            .compact(engine.store().head() - random.nextInt(4))
                            .join();
                case 5, 6 -> resume(clients.get(random.nextInt(clients.size())), random.nextInt(6));
                case 7 -> list(clients.get(random.nextInt(clients.size())));
                default -> commit(4);
            }
        }

        private void commit(int count) {
            for (int i = 0; i < count; i++) {
                Transaction transaction = new Transaction(List.of(), commits.next(records()));
                Outcome outcome = engine.store().commit(transaction).join();
                if (outcome instanceof Outcome.Committed done) {
                    server.await(done.revision());
                }
            }
        }

        private void copied() {
            copiedLines.add(new TreeMap<>(line));
            copiedHeads.add(engine.store().head());
            engine.copy();
        }

        private void putBack(int copy) {
            line = new TreeMap<>(copiedLines.get(copy));
            line.put(copiedHeads.get(copy), ++histories);
            anew(() -> engine.putBack(copy));
        }

        private boolean thrownAway(PutBackClient client) {
            return !Objects.equals(known.get(client), historyOf(client));
        }

        private @Nullable Integer historyOf(PutBackClient client) {
            Cursor cursor = client.cursor();
            return cursor == null ? null : line.lowerEntry(cursor.revision()).getValue();
        }

        private void anew(Runnable change) {
            server.close();
            change.run();
            server = boot();
        }

        private Set<SnapshotReason> resume(PutBackClient client, int messages) {
            boolean thrownAway = thrownAway(client);
            Set<SnapshotReason> told = client.resume(server, messages);
            if (told.contains(SnapshotReason.EPOCH_CHANGED) || told.contains(SnapshotReason.REVISION_AHEAD)) {
                assertThat(thrownAway)
                        .as("told %s with a cursor of this history", told)
                        .isTrue();
            }
            if (client.moved()) {
                known.put(client, historyOf(client));
            }
            return told;
        }

        /** Asks once, and watches from there. */
        private void list(PutBackClient client) {
            Cursor at = server.cursor();
            client.begin(at, stateAt(at.revision(), client.interest()));
            known.put(client, historyOf(client));
        }

        /** Everybody reads everything: all clients have what there is. */
        void end() {
            commit(3);
            for (PutBackClient client : clients) {
                resume(client, 1_000);
                assertThat(client.state())
                        .as("what the client of %s knows at %s", client.interest(), client.cursor())
                        .isEqualTo(stateAt(engine.store().head(), client.interest()));
            }
        }

        private Map<InstanceKey, StoredRecord> records() {
            Map<InstanceKey, StoredRecord> records = new HashMap<>();
            for (StoredRecord record : engine.store().read(engine.store().head())) {
                if (record.key() instanceof RecordKey.OfInstance key) {
                    records.put(key.instance(), record);
                }
            }
            return records;
        }

        private Map<String, Instance> stateAt(long revision, Interest interest) {
            Map<String, Instance> state = new TreeMap<>();
            for (StoredRecord record : engine.store().read(revision)) {
                if (record.value() instanceof InstanceRecord put) {
                    Instance instance = put.storedAt(record.revision());
                    boolean asked =
                            interest.wholeNamespace() || interest.service().equals(instance.service());
                    if (asked && interest.matches(instance)) {
                        state.put(PutBackClient.key(instance.service(), instance.id()), instance);
                    }
                }
            }
            return state;
        }

        @Override
        public void close() {
            server.close();
            engine.close();
        }
    }
}
