package io.registrycenter.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Intake;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;

/** New histories in a data directory, and copies that are put back: what was there stands until the new one is whole. */
class SqliteIntakeTest {

    private final Path home = TestDirectory.fresh();

    private static void put(Store store, String id) {
        Mutation mutation =
                new Mutation(new RecordKey.OfSession(id), new RecordValue.Tombstone(RemovalReason.ADMIN, "", ""));
        var unused = store.commit(new Transaction(List.of(), List.of(mutation))).join();
    }

    private static List<String> ids(Path directory) {
        try (Store store = SqliteStore.open(directory, false)) {
            return store.read(store.head()).stream()
                    .map(StoredRecord::key)
                    .map(RecordKey::path)
                    .sorted()
                    .toList();
        }
    }

    private String began(String... ids) {
        try (Store store = SqliteStore.open(home, false)) {
            for (String id : ids) {
                put(store, id);
            }
            return store.epoch();
        }
    }

    @Test
    void into_nothing_begins() {
        try (Intake intake = SqliteIntake.into(home, false)) {
            put(intake.store(), "new");
            intake.finish();
        }
        assertThat(ids(home)).containsExactly("s/new");
        assertThat(home.resolve("incoming")).doesNotExist();
    }

    @Test
    void into_anEmptyHistory_isAnotherEpoch() {
        String old = began();
        try (Intake intake = SqliteIntake.into(home, false)) {
            intake.finish();
        }
        assertThat(began()).isNotEqualTo(old);
    }

    @Test
    void into_aHistory_isRefused_unlessItMayGo_andThenItIsSetAside() {
        String old = began("old");
        assertThatThrownBy(() -> SqliteIntake.into(home, false))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.OCCUPIED))
                .hasMessageContainingAll("--replace", "registry.data-dir");
        assertThat(ids(home)).containsExactly("s/old");

        try (Intake intake = SqliteIntake.into(home, true)) {
            put(intake.store(), "new");
            assertThat(intake.store().epoch()).isNotEqualTo(old);
            intake.finish();
        }
        assertThat(ids(home)).containsExactly("s/new");
        assertThat(ids(home.resolve("replaced-1"))).containsExactly("s/old");
    }

    @Test
    void brokenOff_whatWasThereStands_andTheNextTryWorks() {
        began("old");
        try (Intake intake = SqliteIntake.into(home, true)) {
            put(intake.store(), "half");
        }
        assertThat(ids(home)).containsExactly("s/old");
        try (Intake intake = SqliteIntake.into(home, true)) {
            put(intake.store(), "new");
            intake.finish();
        }
        assertThat(ids(home)).containsExactly("s/new");
    }

    @Test
    void into_whatAServerHolds_isRefused() {
        try (Store running = SqliteStore.open(home, false)) {
            put(running, "live");
            assertThatThrownBy(() -> SqliteIntake.into(home, true))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.LOCKED));
        }
        assertThat(ids(home)).containsExactly("s/live");
    }

    @Test
    void ofCopy_isTheCopy_underANewEpoch_alsoOneWithItsWal() throws IOException {
        Path withWal;
        String old;
        try (Store running = SqliteStore.open(home, false)) {
            put(running, "copied");
            old = running.epoch();
            withWal = TestDirectory.copyOf(home);
            put(running, "later");
        }
        assertThat(Files.size(withWal.resolve("registry.db-wal"))).isPositive();
        try (Intake intake = SqliteIntake.ofCopy(withWal, home, true)) {
            assertThat(intake.store().epoch()).isNotEqualTo(old);
            intake.finish();
        }
        assertThat(ids(home)).containsExactly("s/copied");
        assertThat(ids(home.resolve("replaced-1"))).containsExactly("s/copied", "s/later");
        assertThat(Files.size(withWal.resolve("registry.db-wal"))).isPositive();
    }

    /** As docs/operations.md says. */
    @Test
    void ofCopy_thatSqliteMadeOfARunningStore_isTaken() throws SQLException {
        Path copy = TestDirectory.fresh().resolve("copy.db");
        try (Store running = SqliteStore.open(home, false)) {
            put(running, "copied");
            SQLiteConfig readOnly = new SQLiteConfig();
            readOnly.setReadOnly(true);
            try (Connection looking = JDBC.createConnection(
                            "jdbc:sqlite:" + home.resolve("registry.db"), readOnly.toProperties());
                    Statement statement = looking.createStatement()) {
                statement.execute("VACUUM INTO '" + copy + "'");
            }
            put(running, "later");
        }
        try (Intake intake = SqliteIntake.ofCopy(copy, home, true)) {
            intake.finish();
        }
        assertThat(ids(home)).containsExactly("s/copied");
    }

    @Test
    void ofCopy_thatIsDamagedOrNone_isRefused_andWhatWasThereStands() throws IOException {
        began("old");
        Path copy = Files.writeString(TestDirectory.fresh().resolve("letters"), "dear sir\n".repeat(5_000));
        for (Path wrong : List.of(copy, copy.resolveSibling("nothing"))) {
            assertThatThrownBy(() -> SqliteIntake.ofCopy(wrong, home, true))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT));
        }
        assertThat(ids(home)).containsExactly("s/old");
    }
}
