package io.registrycenter.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.RemovalReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class RecordCodecTest {

    private static final RecordValue TOMBSTONE = new RecordValue.Tombstone(RemovalReason.ADMIN, "s", "");

    @Provide
    Arbitrary<RecordValue> values() {
        return StoreArbitraries.values();
    }

    @Provide
    Arbitrary<List<List<Mutation>>> transactions() {
        return StoreArbitraries.mutations().list().ofMinSize(1).ofMaxSize(5);
    }

    @Property(tries = 300)
    void a_record_is_read_as_it_was_written(@ForAll("values") RecordValue value) {
        assertThat(RecordCodec.decode(RecordCodec.encode(value))).isEqualTo(value);
    }

    @Property(tries = 100)
    void joined_commits_are_read_as_they_were_written(@ForAll("transactions") List<List<Mutation>> transactions) {
        CommitJoiner joiner = new CommitJoiner();
        for (int round = 0; round < 2; round++) {
            List<Commit> commits = new ArrayList<>();
            long revision = Arbitraries.longs().between(1, Long.MAX_VALUE / 2).sample();
            for (List<Mutation> mutations : transactions) {
                commits.add(new Commit(revision, mutations));
                joiner.add(revision, RecordCodec.encodeMutations(mutations));
                revision += 1 + revision % 7;
            }
            assertThat(RecordCodec.decodeCommits(joiner.take())).isEqualTo(commits);
        }
    }

    @Test
    void decode_closingWithoutAReason_isAnExpiry() {
        String written = "{\"kind\":\"session\",\"owner\":\"n\",\"fence\":1,\"closing\":true}";
        RecordValue value = RecordCodec.decode(written.getBytes(StandardCharsets.UTF_8));
        assertThat(((RecordValue.SessionRecord) value).closingFor()).isEqualTo(RemovalReason.SESSION_EXPIRED);
    }

    @Test
    void decode_unknownFields_arePassedOver() {
        String json =
                "{\"new\":{\"deep\":[1,{}]},\"kind\":\"tombstone\",\"reason\":\"ADMIN\",\"session\":\"s\",\"x\":null}";
        assertThat(RecordCodec.decode(utf8(json))).isEqualTo(TOMBSTONE);
    }

    @Test
    void encode_emptyFields_areLeftOut() {
        assertThat(new String(RecordCodec.encode(TOMBSTONE), StandardCharsets.UTF_8))
                .isEqualTo("{\"kind\":\"tombstone\",\"reason\":\"ADMIN\",\"session\":\"s\"}");
    }

    @Test
    void decode_noRecord_saysWhy() {
        assertThatThrownBy(() -> RecordCodec.decode(utf8("{\"kind\":\"lamp\"}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lamp");
        for (String broken :
                List.of("", "[]", "{", "{\"kind\":\"tombstone\"}", "{\"kind\":\"session\",\"fence\":\"x\"}")) {
            assertThatThrownBy(() -> RecordCodec.decode(utf8(broken))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void decodeCommits_cutAnywhere_isRefused() {
        CommitJoiner joiner = new CommitJoiner();
        joiner.add(5, RecordCodec.encodeMutations(List.of(new Mutation(new RecordKey.OfSession("a"), TOMBSTONE))));
        byte[] whole = joiner.take();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> RecordCodec.decodeCommits(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
