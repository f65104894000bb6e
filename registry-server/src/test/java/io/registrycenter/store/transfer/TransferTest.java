package io.registrycenter.store.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Guard;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Intake;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records through a file and back, and files that are not taken. */
class TransferTest {

    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final RecordKey SESSION = new RecordKey.OfSession(SECRET);
    private static final SessionRecord OPEN =
            new SessionRecord("old:1", 7, "attempt-3", 15_000, new ClientInfo("shop", "1.0", "shop-1"), null);

    @TempDir
    private Path directory;

    private final InMemoryStore source = new InMemoryStore();
    private final Target target = new Target();

    /** An intake that tells what became of it. */
    private static final class Target implements Intake {
        private final InMemoryStore store = new InMemoryStore();
        private boolean finished;

        @Override
        public Store store() {
            return store;
        }

        @Override
        public void finish() {
            finished = true;
        }

        @Override
        public void close() {}
    }

    private static RecordKey key(String id) {
        return new RecordKey.OfInstance(new InstanceKey("prod", "orders", id));
    }

    private static InstanceRecord record(String id, long created) {
        return new InstanceRecord(
                new Instance(
                        "orders",
                        id,
                        List.of(new Endpoint("grpc", "10.0.0.7", 8080, false)),
                        "zone \"a\"",
                        100,
                        Map.of("version", "2", "ünï", "line\nbreak"),
                        InstanceStatus.LEAVING,
                        created,
                        0),
                SECRET,
                "request-1");
    }

    private void put(RecordKey key, RecordValue value) {
        var unused = source.commit(new Transaction(List.of(Guard.absent(key)), List.of(new Mutation(key, value))))
                .join();
    }

    private Path exported() {
        put(SESSION, OPEN);
        put(key("b"), record("b", 0));
        put(key("a"), record("a", 3));
        put(key("gone"), new RecordValue.Tombstone(RemovalReason.ADMIN, SECRET, ""));
        Path file = directory.resolve("export.jsonl");
        assertThat(Export.write(source, file)).isEqualTo(new Export.Summary(source.epoch(), source.head(), 1, 2, 0));
        return file;
    }

    private static Map<RecordKey, RecordValue> records(Store store) {
        Map<RecordKey, RecordValue> records = new TreeMap<>((x, y) -> x.path().compareTo(y.path()));
        store.scan(store.head(), stored -> records.put(stored.key(), stored.value()));
        return records;
    }

    @Test
    void sessionsAndInstances_areTheSame_withoutTheRevisionsOfTheOldHistory() throws IOException {
        Path file = exported();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readAllLines(file)).hasSize(5).allMatch(line -> line.startsWith("{") && line.endsWith("}"));

        assertThat(Import.read(file, () -> target).instances()).isEqualTo(2);

        assertThat(target.finished).isTrue();
        assertThat(records(target.store))
                .isEqualTo(Map.of(SESSION, OPEN, key("a"), record("a", 0), key("b"), record("b", 0)));
    }

    @Test
    void manyInstances_takeMoreThanOneTransaction() {
        for (int i = 0; i < 250; i++) {
            put(key("i" + i), record("i" + i, 0));
        }
        Path file = directory.resolve("export.jsonl");
        Export.write(source, file);
        Import.read(file, () -> target);
        assertThat(records(target.store)).isEqualTo(records(source)).hasSize(250);
    }

    @Test
    void fileThatIsThere_isNotOverwritten_andNothingIsLeftBehind() throws IOException {
        Path file = directory.resolve("export.jsonl");
        put(SESSION, OPEN);
        Files.writeString(file, "a letter");
        assertThatThrownBy(() -> Export.write(source, file))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.OCCUPIED))
                .hasMessageContaining("is there already");
        assertThat(Files.readString(file)).isEqualTo("a letter");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void fileThatIsCut_anywhere_isRefused_andTheTargetIsNotTouched() throws IOException {
        byte[] whole = Files.readAllBytes(exported());
        Path cut = directory.resolve("cut");
        for (int length = 0; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            refused(cut, "");
        }
    }

    @Test
    void fileOfWhichAByteChanged_isRefused() throws IOException {
        byte[] whole = Files.readAllBytes(exported());
        Path changed = directory.resolve("changed");
        for (int at = 0; at < whole.length; at += 3) {
            byte[] bytes = whole.clone();
            bytes[at] ^= 1;
            Files.write(changed, bytes);
            refused(changed, "");
        }
    }

    @Test
    void linesAfterTheLast_orLeftOut_orTwice_areRefused() throws IOException {
        List<String> lines = Files.readAllLines(exported());
        refused(write(String.join("\n", lines) + "\n{}\n"), "something follows");
        refused(write(String.join("\n", List.of(lines.get(0), lines.get(1), lines.get(4))) + "\n"), "2 instances");
        refused(signed(lines.get(0), lines.get(1), lines.get(1)), "line 3", "each is there once");
    }

    @Test
    void valueThatBreaksARule_isNamedWithItsLine() throws IOException {
        List<String> lines = Files.readAllLines(exported());
        String instance = lines.get(1);
        refused(
                signed(lines.get(0), instance.replace("\"weight\":100", "\"weight\":-3")),
                "line 2",
                "instance.weight must be 0..10000",
                "-3");
        refused(signed(lines.get(0), instance.replace("orders/a", "or ders/a")), "line 2", "service", "or ders");
        refused(signed(lines.get(0), instance.replace("orders/a", "orders/c")), "line 2", "another instance");
        refused(signed(lines.get(0), instance.replace("\"kind\":\"instance\"", "\"kind\":\"node\"")), "line 2");
        refused(signed(lines.get(0), lines.get(3).replace(SECRET, SECRET + "/x")), "line 2");
        refused(signed(lines.get(0), lines.get(3).replace("\"fence\":7", "\"fence\":0")), "line 2", "fence");
        refused(signed(lines.get(0).replace("\"version\":1", "\"version\":2")), "version 2", "reads version 1");
        refused(write("{\"somebody\":\"else's\"}\n"), "not an export");
    }

    /** With the counts and the checksum as they ought to be: only the rules can refuse it. */
    private Path signed(String... lines) throws IOException {
        String text = String.join("\n", lines) + "\n";
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return write(text
                + new String(
                        ExportFormat.line(new ExportFormat.Footer(0, lines.length - 1, crc.getValue())),
                        StandardCharsets.UTF_8)
                + "\n");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("edited"), text);
    }

    private void refused(Path file, String... words) {
        assertThatThrownBy(() -> Import.read(file, () -> {
                    throw new AssertionError("the target was touched");
                }))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT))
                .hasMessageContaining("nothing was changed")
                .hasMessageContainingAll(words)
                .message()
                .doesNotContain(SECRET);
    }
}
