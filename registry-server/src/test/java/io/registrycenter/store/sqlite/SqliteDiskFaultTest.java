package io.registrycenter.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that fails and works again, without a restart: nothing acknowledged is lost, nothing refused is there. */
final class SqliteDiskFaultTest {

    private static final int ROUNDS = ProofSize.of(15, 1_000);

    private static final List<FailingDisk.Fault> FAULTS = List.of(FailingDisk.Fault.values());

    private final FailingDisk disk = new FailingDisk();
    private final Path directory = TestDirectory.fresh();

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void commit_whileTheDiskFails_isRefusedWithTheReason_andTakenAgainWhenItWorks(FailingDisk.Fault fault)
            throws SQLException {
        try (SqliteStore store = SqliteStore.open(directory, false, disk.impatient())) {
            LastWords follower = new LastWords();
            store.follow(0, follower);
            long before = committed(put(store, "a", "before"));

            disk.fail(fault);
            List<CompletableFuture<Outcome>> refused = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                refused.add(put(store, "k" + i, "refused"));
            }
            refused.forEach(commit -> assertThat(refusal(commit))
                    .hasMessageContaining("no commits are taken")
                    .hasMessageContaining(directory.getFileName().toString()));
            assertThat(store.writeObstacle()).contains(directory.getFileName().toString());
            assertThat(refusal(put(store, "later", "refused"))).hasMessageContaining("nothing was changed");
            assertThat(store.head()).isEqualTo(before);
            assertThat(store.read(before)).hasSize(1);
            assertThat(follower.lost).as("what was delivered stays true").isNotDone();

            disk.work();
            await().atMost(20, TimeUnit.SECONDS).until(() -> store.writeObstacle() == null);
            assertThat(committed(put(store, "a", "after"))).isEqualTo(before + 1);
            assertThat(keys(store)).containsExactly("a");
        }
        try (SqliteStore store = SqliteStore.open(directory, false)) {
            assertThat(keys(store)).containsExactly("a");
            assertThat(store.head()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void commit_failureThatPassesAtOnce_isWrittenAgain_inOrder(FailingDisk.Fault fault) throws SQLException {
        try (SqliteStore store = SqliteStore.open(directory, false, disk.patient())) {
            committed(put(store, "a", "before"));
            disk.failOnce(fault);
            List<CompletableFuture<Outcome>> commits = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                commits.add(put(store, "k" + i, "v"));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(committed(commits.get(i))).isEqualTo(2 + i);
            }
            assertThat(store.writeObstacle()).isNull();
        }
        try (SqliteStore store = SqliteStore.open(directory, false)) {
            assertThat(store.read(store.head())).hasSize(51);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void compact_diskFailsInside_leavesNothingHalfDone(FailingDisk.Fault fault) throws SQLException {
        try (SqliteStore store = SqliteStore.open(directory, false, disk.patient())) {
            for (int i = 0; i < 200; i++) {
                var unused = put(store, "k" + i, "v");
            }
            long head = committed(put(store, "last", "v"));
            HashSet<StoredRecord> records = new HashSet<>(store.read(head));
            disk.failOnce(fault);
            assertThat(store.compact(head).orTimeout(20, TimeUnit.SECONDS).join())
                    .isEqualTo(head);
            long next = committed(put(store, "next", "v"));
            assertThat(new HashSet<>(store.read(head))).isEqualTo(records);
            assertThat(store.compact(next).orTimeout(20, TimeUnit.SECONDS).join())
                    .isEqualTo(next);
            assertThat(store.historyBytes()).isZero();
        }
        try (SqliteStore store = SqliteStore.open(directory, false)) {
            assertThat(store.read(store.head())).hasSize(202);
        }
    }

    @Test
    void kill_whileTheDiskFails_everyAcknowledgedCommitIsThere() throws SQLException, IOException {
        Path killed;
        try (SqliteStore store = SqliteStore.open(directory, false, disk.impatient())) {
            committed(put(store, "a", "acknowledged"));
            disk.fail(FailingDisk.Fault.IO_AFTER);
            assertThat(refusal(put(store, "b", "carried out, or not")))
                    .hasMessageContaining("whether the commit was carried out is not known");
            killed = TestDirectory.copyOf(directory);
            disk.work();
        }
        try (SqliteStore store = SqliteStore.open(killed, false)) {
            assertThat(keys(store)).contains("a");
            committed(put(store, "c", "goes on"));
        }
    }

    @Test
    void close_whileTheDiskFails_endsAtOnce_andTheNextStartIsWhole() throws SQLException {
        SqliteStore store = SqliteStore.open(directory, false, disk.impatient());
        committed(put(store, "a", "v"));
        disk.fail(FailingDisk.Fault.FULL);
        assertThat(refusal(put(store, "b", "v"))).isNotNull();
        store.close();
        assertThat(refusal(put(store, "c", "v"))).hasMessageContaining("closed");
        try (SqliteStore next = SqliteStore.open(directory, false)) {
            assertThat(keys(next)).containsExactly("a");
        }
    }

    @Test
    void databasePutAsideWhileTheDiskFails_isNotReplacedByAnEmptyOne() throws Exception {
        Path database = directory.resolve("registry.db");
        Path aside = directory.resolve("aside");
        try (SqliteStore store = SqliteStore.open(directory, false, disk.impatient())) {
            committed(put(store, "a", "v"));
            disk.fail(FailingDisk.Fault.BUSY);
            assertThat(refusal(put(store, "b", "v"))).isNotNull();
            Files.move(database, aside);
            disk.work();
            await().atMost(20, TimeUnit.SECONDS)
                    .until(() -> String.valueOf(store.writeObstacle()).contains("cannot be opened"));
            assertThat(database).doesNotExist();
            Files.move(aside, database);
            await().atMost(20, TimeUnit.SECONDS).until(() -> store.writeObstacle() == null);
            assertThat(committed(put(store, "b", "v"))).isEqualTo(2);
        }
    }

    @Test
    void anyFaults_whatWasAcknowledgedIsThere_whatWasRefusedIsNot() throws SQLException {
        Random random = new Random(7);
        Map<String, String> acknowledged = new HashMap<>();
        try (SqliteStore store = SqliteStore.open(directory, false, disk.impatient())) {
            for (int round = 0; round < ROUNDS; round++) {
                FailingDisk.Fault fault = FAULTS.get(random.nextInt(FAULTS.size()));
                if (random.nextBoolean()) {
                    disk.failOnce(fault);
                } else {
                    disk.fail(fault);
                }
                for (int i = 0; i < 10; i++) {
                    String key = "k" + random.nextInt(30);
                    String value = "round " + round + " " + i;
                    CompletableFuture<Outcome> commit = put(store, key, value);
                    if (taken(commit)) {
                        acknowledged.put(key, value);
                    }
                }
                if (round % 5 == 0) {
                    var unused = store.compact(store.head())
                            .exceptionally(refused -> 0L)
                            .join();
                }
                disk.work();
                await().atMost(20, TimeUnit.SECONDS).until(() -> store.writeObstacle() == null);
                assertThat(values(store))
                        .as("seed 7, round " + round + ", " + fault)
                        .isEqualTo(acknowledged);
            }
        }
        try (SqliteStore store = SqliteStore.open(directory, false)) {
            assertThat(values(store)).isEqualTo(acknowledged);
        }
    }

    @Test
    void follow_historyThatCannotBeReadForAWhile_goesOnByItself() throws Exception {
        Path database = directory.resolve("registry.db");
        Limits smallTail = new Limits(65_536, 64 << 20, 1, 1, 1 << 20);
        try (SqliteStore store =
                SqliteStore.open(directory, false, SqliteStore.Options.DEFAULT.withLimits(smallTail))) {
            for (int i = 0; i < 20; i++) {
                committed(put(store, "k" + i, "v"));
            }
            Path aside = directory.resolve("aside");
            Files.move(database, aside);
            CutFollower follower = new CutFollower();
            store.follow(0, follower);
            follower.cut.get(20, TimeUnit.SECONDS);
            assertThat(follower.last).isZero();
            Files.move(aside, database);
            follower.rejoined.get(20, TimeUnit.SECONDS);
            assertThat(follower.last).isEqualTo(20);
            assertThat(follower.lost).isNotDone();
        }
    }

    @Test
    void mark_thatCannotBeWritten_isAFailureOfTheWrite() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "there is no /dev/full on this system");
        try (HeadMark mark = HeadMark.open(full)) {
            assertThatThrownBy(() -> mark.set(1))
                    .isInstanceOfSatisfying(
                            IOException.class, e -> assertThat(DiskFault.of(e)).isEqualTo(DiskFault.IO));
        }
    }

    private static CompletableFuture<Outcome> put(Store store, String key, String value) {
        // Large enough to need pages of its own.
        RecordValue record = new RecordValue.Tombstone(RemovalReason.ADMIN, value + " ".repeat(20_000), "");
        return store.commit(new Transaction(List.of(), List.of(new Mutation(new RecordKey.OfSession(key), record))));
    }

    private static long committed(CompletableFuture<Outcome> commit) {
        return ((Outcome.Committed) commit.orTimeout(20, TimeUnit.SECONDS).join()).revision();
    }

    private static boolean taken(CompletableFuture<Outcome> commit) {
        try {
            committed(commit);
            return true;
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(StoreException.class);
            return false;
        }
    }

    private static StoreException refusal(CompletableFuture<?> commit) {
        try {
            throw new AssertionError(
                    "not refused: " + commit.orTimeout(20, TimeUnit.SECONDS).join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreException refused) {
                assertThat(refused.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
                return refused;
            }
            throw e;
        }
    }

    private static List<String> keys(Store store) {
        return values(store).keySet().stream().sorted().toList();
    }

    private static Map<String, String> values(Store store) {
        Map<String, String> values = new HashMap<>();
        for (StoredRecord stored : store.read(store.head())) {
            values.put(
                    ((RecordKey.OfSession) stored.key()).sessionId(),
                    ((RecordValue.Tombstone) stored.value()).sessionId().strip());
        }
        return values;
    }
}
