package io.registrycenter.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

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
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Files that were cut, damaged or lost: the store starts with every acknowledged commit, or refuses and leaves them as they
 * are.
 */
final class SqliteRecoveryTest {

    private static final int CUTS = ProofSize.of(200, 2_000);
    private static final List<String> DATA = List.of("registry.db", "registry.db-wal", "registry.head");

    /** What a kill leaves: a floor, a log in the database and a log in the WAL. */
    private static Path killed = Path.of("");

    /** What a stop in order leaves: no WAL. */
    private static Path stopped = Path.of("");

    private static long head;
    private static Set<StoredRecord> records = Set.of();

    @BeforeAll
    static void fill() throws IOException {
        Path live = TestDirectory.fresh();
        try (Store store = SqliteStore.open(live, false)) {
            write(store, 0, 400, 200);
            store.compact(store.head() / 2).join();
            write(store, 400, 1_000, 2_000);
        }
        // Closing moved all of that into the database; what comes now stays in the WAL, which is far from its limit.
        try (Store store = SqliteStore.open(live, false)) {
            write(store, 1_400, 500, 2_000);
            head = store.head();
            records = new HashSet<>(store.read(head));
            killed = TestDirectory.copyOf(live);
        }
        stopped = TestDirectory.copyOf(live);
        assertThat(Files.size(DataDirectory.wal(killed.resolve("registry.db")))).isGreaterThan(500_000);
        assertThat(DataDirectory.wal(stopped.resolve("registry.db"))).doesNotExist();
    }

    @AfterAll
    static void clean() throws IOException {
        TestDirectory.delete(killed);
        TestDirectory.delete(stopped);
    }

    @Test
    void open_afterAKillOrAStop_everythingIsThere() throws IOException {
        assertThat(startsWhole(TestDirectory.copyOf(killed))).isTrue();
        assertThat(startsWhole(TestDirectory.copyOf(stopped))).isTrue();
    }

    @Test
    void open_anyFileCutAnywhere_wholeOrRefused() throws IOException {
        Random random = new Random(7);
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < CUTS; i++) {
            Path origin = random.nextInt(4) == 0 ? stopped : killed;
            String name = DATA.get(random.nextInt(DATA.size()));
            if (Files.exists(origin.resolve(name))) {
                long size = Files.size(origin.resolve(name));
                long cut = random.nextInt(3) == 0
                        ? size - 1 - random.nextLong(Math.min(size, 20_000))
                        : random.nextLong(size);
                boolean whole = wholeOrRefused(origin, "seed 7, try " + i + ": " + name + " cut at " + cut, copy -> {
                    try (FileChannel channel = FileChannel.open(copy.resolve(name), StandardOpenOption.WRITE)) {
                        channel.truncate(cut);
                    }
                });
                outcomes.merge(name + (whole ? " whole" : " refused"), 1, Integer::sum);
            }
        }
        assertThat(outcomes).containsKeys("registry.db refused", "registry.db-wal refused", "registry.head refused");
    }

    @Test
    void open_anyFileDamagedAnywhere_wholeOrRefused() throws IOException {
        Random random = new Random(11);
        for (int i = 0; i < CUTS / 2; i++) {
            Path origin = random.nextBoolean() ? stopped : killed;
            String name = DATA.get(random.nextInt(2));
            if (Files.exists(origin.resolve(name))) {
                long at = random.nextLong(Files.size(origin.resolve(name)));
                byte[] noise = new byte[1 + random.nextInt(200)];
                random.nextBytes(noise);
                wholeOrRefused(origin, "seed 11, try " + i + ": " + name + " damaged at " + at, copy -> {
                    try (FileChannel channel = FileChannel.open(copy.resolve(name), StandardOpenOption.WRITE)) {
                        channel.write(ByteBuffer.wrap(noise), at);
                    }
                });
            }
        }
    }

    @Test
    void open_aFileMissing_wholeOrRefused() throws IOException {
        for (Path origin : List.of(killed, stopped)) {
            for (String name : DATA) {
                if (Files.exists(origin.resolve(name))) {
                    assertThat(wholeOrRefused(origin, name + " missing", copy -> Files.delete(copy.resolve(name))))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void open_walCutAtACommit_saysWhatIsMissing() throws IOException {
        Path copy = TestDirectory.copyOf(killed);
        try (FileChannel channel = FileChannel.open(copy.resolve("registry.db-wal"), StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        assertThatThrownBy(() -> SqliteStore.open(copy, false))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT))
                .hasMessageContaining("registry.db")
                .hasMessageContaining("up to revision " + head + " were acknowledged and are missing")
                .hasMessageContaining("new-epoch");
    }

    @Test
    void open_olderCopyPutBack_needsANewEpoch() throws IOException {
        Path copy = TestDirectory.copyOf(stopped);
        Path older = TestDirectory.copyOf(stopped);
        try (Store store = SqliteStore.open(copy, false)) {
            write(store, 5_000, 3, 10);
        }
        Files.delete(copy.resolve("registry.db"));
        Files.copy(older.resolve("registry.db"), copy.resolve("registry.db"));
        assertThatThrownBy(() -> SqliteStore.open(copy, false)).hasMessageContaining("are missing");
        try (Store store = SqliteStore.open(copy, true)) {
            assertThat(store.head()).isEqualTo(head);
        }
        try (Store store = SqliteStore.open(copy, false)) {
            assertThat(store.head()).isEqualTo(head);
        }
    }

    @Test
    void open_notARegistryDatabase_isRefusedUntouched() throws IOException {
        for (byte[] content : List.of(
                new byte[0],
                new byte[5_000],
                "SQLite format 3\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            Path directory = TestDirectory.fresh();
            Files.write(directory.resolve("registry.db"), content);
            assertThatThrownBy(() -> SqliteStore.open(directory, false))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT));
            assertThat(Files.readAllBytes(directory.resolve("registry.db"))).isEqualTo(content);
        }
    }

    private interface Damage {
        void to(Path copy) throws IOException;
    }

    /** Whether it started; when it did not, nothing was changed. */
    private static boolean wholeOrRefused(Path origin, String what, Damage damage) throws IOException {
        Path copy = TestDirectory.copyOf(origin);
        damage.to(copy);
        Path before = TestDirectory.copyOf(copy);
        try {
            boolean whole;
            try {
                whole = startsWhole(copy);
            } catch (StoreException e) {
                assertThat(e.kind()).as(what).isEqualTo(StoreException.Kind.CORRUPT);
                assertThat(e)
                        .as(what)
                        .hasMessageContaining(copy.toString())
                        .hasMessageContaining("nothing was changed");
                assertUnchanged(what, before, copy);
                return false;
            }
            assertThat(whole).as(what).isTrue();
            return true;
        } finally {
            TestDirectory.delete(copy);
            TestDirectory.delete(before);
        }
    }

    private static void assertUnchanged(String what, Path before, Path after) throws IOException {
        for (String name : DATA) {
            assertThat(Files.exists(after.resolve(name))).as(what).isEqualTo(Files.exists(before.resolve(name)));
            if (Files.exists(before.resolve(name)) && Files.mismatch(before.resolve(name), after.resolve(name)) >= 0) {
                fail(what + ": " + name + " was changed");
            }
        }
    }

    /** Opens it, compares everything, and writes once more. */
    private static boolean startsWhole(Path directory) {
        try (Store store = SqliteStore.open(directory, false)) {
            boolean whole = store.head() == head && records.equals(new HashSet<>(store.read(head)));
            write(store, 9_000, 1, 10);
            return whole && store.head() == head + 1;
        }
    }

    private static void write(Store store, int from, int count, int bytes) {
        List<CompletableFuture<Outcome>> answers = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            RecordKey key = new RecordKey.OfSession("k" + i % 700);
            RecordValue value = new RecordValue.Tombstone(RemovalReason.ADMIN, "v" + i + "x".repeat(bytes), "");
            answers.add(store.commit(new Transaction(
                    List.of(), List.of(i % 13 == 5 ? new Mutation(key, null) : new Mutation(key, value)))));
            if (i % 37 == 0) {
                answers.getLast().join();
            }
        }
        answers.forEach(CompletableFuture::join);
    }
}
