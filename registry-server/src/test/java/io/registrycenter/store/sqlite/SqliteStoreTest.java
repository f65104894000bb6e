package io.registrycenter.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreContract;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class SqliteStoreTest extends StoreContract {

    @Override
    protected Store fresh() {
        return SqliteStore.open(TestDirectory.fresh(), false);
    }

    @Test
    void open_again_everythingIsThere() {
        Path directory = TestDirectory.fresh();
        String epoch;
        long head;
        try (Store store = SqliteStore.open(directory, false)) {
            put(store, A, "1");
            get(store.compact(put(store, B, "2")));
            head = put(store, A, "3");
            epoch = store.epoch();
        }
        try (Store store = SqliteStore.open(directory, false)) {
            assertThat(store.epoch()).isEqualTo(epoch);
            assertThat(store.head()).isEqualTo(head);
            assertThat(store.floor()).isEqualTo(head - 1);
            assertThat(store.read(head)).hasSize(2);
            assertThat(put(store, A, "4")).isEqualTo(head + 1);
        }
    }

    @Test
    void open_newDirectory_isForItsOwnerAlone() throws Exception {
        Path directory = TestDirectory.fresh().resolve("deep").resolve("data");
        SqliteStore.open(directory, false).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void open_twice_secondIsLocked() {
        Path directory = TestDirectory.fresh();
        Store store = SqliteStore.open(directory, false);
        assertThatThrownBy(() -> SqliteStore.open(directory, false)).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.kind()).isEqualTo(StoreException.Kind.LOCKED);
            assertThat(e).hasMessageContaining(directory.toString());
        });
        store.close();
        SqliteStore.open(directory, false).close();
    }

    @Test
    void open_newEpoch_sameHistoryUnderAnotherName() {
        Path directory = TestDirectory.fresh();
        String epoch;
        try (Store store = SqliteStore.open(directory, false)) {
            put(store, A, "1");
            epoch = store.epoch();
        }
        String another;
        try (Store store = SqliteStore.open(directory, true)) {
            another = store.epoch();
            assertThat(another).isNotEqualTo(epoch);
            assertThat(store.read(store.head())).hasSize(1);
        }
        try (Store store = SqliteStore.open(directory, false)) {
            assertThat(store.epoch()).isEqualTo(another);
        }
    }

    @Test
    void commit_queueFull_isOverloaded() throws SQLException {
        Path directory = TestDirectory.fresh();
        try (Store store = SqliteStore.open(
                        directory,
                        false,
                        SqliteStore.Options.DEFAULT.withLimits(new Limits(3, 1 << 20, 10, 1 << 20, 1 << 20)));
                Connection tool = tool(directory);
                Statement statement = tool.createStatement()) {
            // Someone else's write lock stops the writer at the disk.
            statement.execute("BEGIN IMMEDIATE");
            List<CompletableFuture<Outcome>> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                answers.add(store.commit(new Transaction(List.of(), List.of(put(A, "v" + i)))));
            }
            assertThat(kind(answers.removeLast())).isEqualTo(StoreException.Kind.OVERLOADED);
            statement.execute("ROLLBACK");
            answers.forEach(answer -> committed(get(answer)));
            put(store, A, "again");
        }
    }

    @Test
    void commit_diskFails_allFailAndTheStoreRefusesFromThenOn() throws SQLException {
        Path directory = TestDirectory.fresh();
        LastWords follower = new LastWords();
        long head;
        try (Store store = SqliteStore.open(directory, false);
                Connection tool = tool(directory);
                Statement statement = tool.createStatement()) {
            head = put(store, A, "1");
            store.follow(0, follower);
            statement.execute(
                    "CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
            for (int i = 0; i < 3; i++) {
                CompletableFuture<Outcome> refused = store.commit(new Transaction(List.of(), List.of(put(A, "2"))));
                assertThat(kind(refused)).isEqualTo(StoreException.Kind.UNAVAILABLE);
                assertThatThrownBy(refused::join).hasMessageContaining("the disk is full");
            }
            assertThat(store.head()).isEqualTo(head);
            assertThat(get(follower.lost)).hasMessageContaining("the disk is full");
            assertThat(follower.last).isEqualTo(head);
            statement.execute("DROP TRIGGER full");
        }
        try (Store store = SqliteStore.open(directory, false)) {
            assertThat(store.head()).isEqualTo(head);
            put(store, A, "3");
        }
    }

    @Test
    void compact_underLoadInManySlices_historyStaysWhole() {
        Path directory = TestDirectory.fresh();
        Set<StoredRecord> expected;
        long head;
        try (Store store = SqliteStore.open(directory, false)) {
            List<CompletableFuture<Outcome>> answers = new ArrayList<>();
            List<CompletableFuture<Long>> floors = new ArrayList<>();
            for (int i = 0; i < 4_000; i++) {
                RecordKey key = new RecordKey.OfSession("k" + i % 300);
                Mutation mutation = i % 7 == 3 ? new Mutation(key, null) : put(key, i + "x".repeat(1_500));
                answers.add(store.commit(new Transaction(List.of(), List.of(mutation))));
                if (i % 500 == 499) {
                    committed(get(answers.getLast()));
                    floors.add(store.compact(store.head() - 100));
                }
            }
            answers.forEach(answer -> committed(get(answer)));
            floors.forEach(StoreContract::get);
            head = store.head();
            assertThat(store.floor()).isPositive().isLessThanOrEqualTo(head - 100);
            expected = new HashSet<>(store.read(head));
            assertThat(store.read(store.floor())).isNotEmpty();
            assertThat(get(store.compact(head))).isEqualTo(head);
            assertThat(new HashSet<>(store.read(head))).isEqualTo(expected);
        }
        try (Store store = SqliteStore.open(directory, false)) {
            assertThat(new HashSet<>(store.read(head))).isEqualTo(expected);
            assertThat(store.historyBytes()).isZero();
        }
    }

    @Test
    void close_whileCompacting_isInOrder() {
        Path directory = TestDirectory.fresh();
        Store closing = SqliteStore.open(directory, false);
        for (int i = 0; i < 50; i++) {
            put(closing, A, "v" + i);
        }
        CompletableFuture<Long> reached = closing.compact(closing.head());
        closing.close();
        assertThat(reached).isDone();
        try (Store store = SqliteStore.open(directory, false)) {
            assertThat(store.read(store.head())).hasSize(1);
        }
    }

    private static Connection tool(Path directory) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("registry.db"));
    }
}
