package io.registrycenter.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A process that is killed while it commits has lost nothing that it said was committed. */
final class SqliteKillTest {

    private static final int ROUNDS = ProofSize.of(2, 20);
    private static final int ACKNOWLEDGED_BEFORE_KILL = ProofSize.of(3_000, 20_000);
    private static final int KEYS = 500;

    @Test
    void kill_whileCommitting_everyAcknowledgedCommitIsThere() throws IOException, InterruptedException {
        Path directory = TestDirectory.fresh();
        for (int round = 0; round < ROUNDS; round++) {
            Map<String, Long> acknowledged = runAndKill(directory);
            try (Store store = SqliteStore.open(directory, false)) {
                Map<String, Long> found = new HashMap<>();
                for (StoredRecord stored : store.read(store.head())) {
                    found.put(stored.key().path(), stored.revision());
                }
                acknowledged.forEach(
                        (path, revision) -> assertThat(found.get(path)).as(path).isGreaterThanOrEqualTo(revision));
                store.compact(store.head() / 2).orTimeout(20, TimeUnit.SECONDS).join();
            }
        }
    }

    /** The newest acknowledged revision of each path. */
    private static Map<String, Long> runAndKill(Path directory) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Map<String, Long> acknowledged = new HashMap<>();
        int lines = 0;
        try (BufferedReader output = child.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                String[] words = line.split(" ", -1);
                // The kill may cut the last line short.
                if (words.length == 3 && words[2].equals("ok")) {
                    acknowledged.merge(words[0], Long.parseLong(words[1]), Math::max);
                    lines++;
                    if (lines == ACKNOWLEDGED_BEFORE_KILL) {
                        // Not Process.destroyForcibly: that closes the output, which still has acknowledgements.
                        child.toHandle().destroyForcibly();
                    }
                }
            }
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lines).isGreaterThanOrEqualTo(ACKNOWLEDGED_BEFORE_KILL);
        return acknowledged;
    }

    /** Commits without end, and prints each commit when it is acknowledged. */
    static final class Child {

        private Child() {}

        public static void main(String[] args) {
            Semaphore window = new Semaphore(200);
            try (Store store = SqliteStore.open(Path.of(args[0]), false)) {
                for (int i = 0; i < Integer.MAX_VALUE; i++) {
                    window.acquireUninterruptibly();
                    RecordKey key = new RecordKey.OfSession("k" + i % KEYS);
                    RecordValue value = new RecordValue.Tombstone(RemovalReason.ADMIN, "value " + i, "");
                    var unused = store.commit(new Transaction(List.of(), List.of(new Mutation(key, value))))
                            .thenAccept(outcome -> {
                                long revision = ((Outcome.Committed) outcome).revision();
                                System.out.println(key.path() + " " + revision + " ok");
                                window.release();
                            });
                }
            }
        }
    }
}
