package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Intake;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** New histories under a prefix of a real etcd. */
final class EtcdIntakeTest {

    private static final long DEADLINE_S = 20;

    private final EtcdSettings settings = TestEtcd.anew();

    private static void put(Store store, String id) {
        Mutation mutation =
                new Mutation(new RecordKey.OfSession(id), new RecordValue.Tombstone(RemovalReason.ADMIN, "", ""));
        var unused = store.commit(new Transaction(List.of(), List.of(mutation)))
                .orTimeout(DEADLINE_S, TimeUnit.SECONDS)
                .join();
    }

    private List<String> ids() {
        try (Store store = EtcdStore.open(settings)) {
            // What a server does: the state at the oldest revision there is, and everything after it.
            assertThat(store.floor()).isPositive();
            return store.read(store.floor()).stream()
                    .map(StoredRecord::key)
                    .map(RecordKey::path)
                    .toList();
        }
    }

    private static void refused(StoreException.Kind kind, Runnable work, String... words) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .satisfies(e -> List.of(words).forEach(word -> assertThat(e).hasMessageContaining(word)));
    }

    @Test
    void into_nothing_begins_andHistoryBeginsWithItsEnd() {
        try (Intake intake = EtcdIntake.into(settings, false)) {
            put(intake.store(), "new");
            intake.finish();
        }
        assertThat(ids()).containsExactly("s/new");
    }

    @Test
    void into_records_isRefused_unlessTheyMayGo() {
        String old;
        try (Store store = EtcdStore.open(settings)) {
            put(store, "old");
            old = store.epoch();
        }
        refused(StoreException.Kind.OCCUPIED, () -> EtcdIntake.into(settings, false), "--replace", settings.prefix());
        try (Store store = EtcdStore.open(settings)) {
            assertThat(store.epoch()).isEqualTo(old);
        }
        try (Intake intake = EtcdIntake.into(settings, true)) {
            assertThat(intake.store().epoch()).isNotEqualTo(old);
            put(intake.store(), "new");
            intake.finish();
        }
        assertThat(ids()).containsExactly("s/new");
    }

    @Test
    void brokenOff_noServerStarts_untilItIsDoneAgain() {
        try (Intake intake = EtcdIntake.into(settings, false)) {
            put(intake.store(), "half");
        }
        refused(StoreException.Kind.CORRUPT, () -> EtcdStore.open(settings), "import", "--replace");
        refused(StoreException.Kind.OCCUPIED, () -> EtcdIntake.into(settings, false));
        try (Intake intake = EtcdIntake.into(settings, true)) {
            put(intake.store(), "new");
            intake.finish();
        }
        assertThat(ids()).containsExactly("s/new");
    }

    @Test
    void into_whereAServerRuns_isRefused_byItsName() {
        try (Store running = EtcdStore.open(settings)) {
            running.announce("a:1", new NodeRecord("", false));
            refused(StoreException.Kind.LOCKED, () -> EtcdIntake.into(settings, true), "a:1", "stop");
        }
    }
}
