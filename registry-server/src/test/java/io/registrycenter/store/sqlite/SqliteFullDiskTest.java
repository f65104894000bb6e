package io.registrycenter.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.config.MountedDirectory;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A real file system that is full, and enlarged while the store runs. */
final class SqliteFullDiskTest {

    @Test
    void diskFull_thenEnlarged_writesGoOn_andEveryAcknowledgedCommitIsThere() throws Exception {
        Map<String, Long> acknowledged = new HashMap<>();
        try (MountedDirectory disk = MountedDirectory.mount(TestDirectory.fresh(), "size=6m")) {
            try (SqliteStore store = SqliteStore.open(disk.path(), false)) {
                int next = fill(store, acknowledged, 0);
                assertThat(store.writeObstacle()).contains("is full");
                assertThat(store.freeBytes().orElseThrow()).isBetween(0L, 6L << 20);
                assertThat(refusal(put(store, next))).hasMessageContaining("nothing was changed");
                long head = store.head();
                assertThat(store.read(head)).hasSize(acknowledged.size());

                disk.remount("size=64m");
                await().atMost(60, TimeUnit.SECONDS).until(() -> store.writeObstacle() == null);
                for (int i = 0; i < 200; i++) {
                    acknowledged.put("k" + (next + i), committed(put(store, next + i)));
                }
                assertThat(store.head()).isEqualTo(head + 200);
                assertThat(store.compact(store.head())
                                .orTimeout(60, TimeUnit.SECONDS)
                                .join())
                        .isEqualTo(store.head());
            }
            try (SqliteStore store = SqliteStore.open(disk.path(), false)) {
                Map<String, Long> found = new HashMap<>();
                for (StoredRecord stored : store.read(store.head())) {
                    found.put(((RecordKey.OfSession) stored.key()).sessionId(), stored.revision());
                }
                assertThat(found).isEqualTo(acknowledged);
            }
        }
    }

    @Test
    void start_onAFullDisk_isToldAsThat_andNotAsDamage() throws Exception {
        try (MountedDirectory disk = MountedDirectory.mount(TestDirectory.fresh(), "size=6m")) {
            try (SqliteStore store = SqliteStore.open(disk.path(), false)) {
                committed(put(store, 1));
            }
            Path other = disk.path().resolve("other");
            assertThatThrownBy(() -> Files.write(other, new byte[8 << 20])).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> SqliteStore.open(disk.path(), false))
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(StoreException.Kind.ENVIRONMENT))
                    .hasMessageContaining(disk.path().toString())
                    .hasMessageNotContaining("move the directory");
            Files.delete(other);
            try (SqliteStore store = SqliteStore.open(disk.path(), false)) {
                committed(put(store, 2));
                assertThat(store.read(store.head())).hasSize(2);
            }
        }
    }

    private static int fill(Store store, Map<String, Long> acknowledged, int from) {
        int next = from;
        while (true) {
            List<CompletableFuture<Outcome>> commits = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                commits.add(put(store, next + i));
            }
            for (CompletableFuture<Outcome> commit : commits) {
                try {
                    acknowledged.put("k" + next, committed(commit));
                    next++;
                } catch (CompletionException refused) {
                    assertThat(refused.getCause()).isInstanceOf(StoreException.class);
                    return next;
                }
            }
        }
    }

    private static CompletableFuture<Outcome> put(Store store, int number) {
        RecordValue record = new RecordValue.Tombstone(RemovalReason.ADMIN, "x".repeat(5_000), "");
        return store.commit(
                new Transaction(List.of(), List.of(new Mutation(new RecordKey.OfSession("k" + number), record))));
    }

    private static long committed(CompletableFuture<Outcome> commit) {
        return ((Outcome.Committed) commit.orTimeout(60, TimeUnit.SECONDS).join()).revision();
    }

    private static Throwable refusal(CompletableFuture<Outcome> commit) {
        return commit.handle((outcome, failure) -> failure).join();
    }
}
