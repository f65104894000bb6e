package io.registrycenter.load.wire;

import static io.registrycenter.load.wire.ProtoWalker.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.registrycenter.proto.v1.Change;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.Removal;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.WatchResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProtoWalkerTest {
    private static final WatchResponse DELTAS = WatchResponse.newBuilder()
            .setSubscriptionId(300)
            .addDeltas(Delta.newBuilder()
                    .setAfter(7)
                    .setRevision(1L << 40)
                    .addChanges(Change.newBuilder()
                            .setPut(Instance.newBuilder().setId("a").putMetadata("k", "v".repeat(200))))
                    .addChanges(Change.newBuilder().setRemoval(Removal.getDefaultInstance())))
            .addDeltas(Delta.getDefaultInstance())
            .build();

    /** Writes down what it is told. */
    private static final class Notes implements ProtoWalker.Sink {
        final List<String> seen = new ArrayList<>();

        @Override
        public ProtoWalker.Visit visit(int path, int length) {
            if (path == path(7) || path == path(3) || path == path(3, 2)) {
                seen.add("enter " + path);
                return ProtoWalker.Visit.ENTER;
            }
            if (path == path(3, 2, 1)) {
                return ProtoWalker.Visit.CAPTURE;
            }
            seen.add("skip " + path + " of " + length);
            return ProtoWalker.Visit.SKIP;
        }

        @Override
        public void number(int path, long value) {
            seen.add(path + "=" + value);
        }

        @Override
        public void captured(int path, byte[] bytes) {
            seen.add(path + "=" + new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public void leave(int path) {
            seen.add("leave " + path);
        }
    }

    private static List<String> walk(byte[] message, int pieceBytes) {
        Notes notes = new Notes();
        ProtoWalker walker = new ProtoWalker();
        walker.begin(message.length);
        boolean complete = message.length == 0;
        for (int at = 0; at < message.length; at += pieceBytes) {
            complete =
                    walker.feed(Unpooled.wrappedBuffer(message, at, Math.min(pieceBytes, message.length - at)), notes);
        }
        assertThat(complete).isTrue();
        return notes.seen;
    }

    @Test
    void feed_deltas_tellsTheChainAndSkipsTheInstances() {
        int first = DELTAS.getDeltas(0).getChanges(0).getSerializedSize();

        assertThat(walk(DELTAS.toByteArray(), Integer.MAX_VALUE / 2))
                .containsExactly(
                        path(1) + "=300",
                        "enter " + path(7),
                        path(7, 1) + "=7",
                        path(7, 2) + "=" + (1L << 40),
                        "skip " + path(7, 3) + " of " + first,
                        "skip " + path(7, 3) + " of 2",
                        "leave " + path(7),
                        "enter " + path(7),
                        "leave " + path(7));
    }

    @Test
    void feed_snapshot_capturesTheEpoch() {
        WatchResponse snapshot = WatchResponse.newBuilder()
                .setSnapshot(Snapshot.newBuilder()
                        .setCursor(Cursor.newBuilder().setEpoch("e-1").setRevision(9))
                        .setLast(true))
                .build();

        assertThat(walk(snapshot.toByteArray(), 100))
                .contains(path(3, 2, 1) + "=e-1", path(3, 2, 2) + "=9", path(3, 5) + "=1");
    }

    @Test
    void the_result_does_not_depend_on_where_a_message_is_cut() {
        List<String> whole = walk(DELTAS.toByteArray(), Integer.MAX_VALUE / 2);
        for (int piece = 1; piece < DELTAS.getSerializedSize(); piece++) {
            assertThat(walk(DELTAS.toByteArray(), piece)).isEqualTo(whole);
        }
    }

    @Test
    void feed_fieldLongerThanItsMessage_isRefused() {
        byte[] bad = {0x3a, 0x7f, 0x00};

        assertThatThrownBy(() -> walk(bad, 3)).hasMessageContaining("longer than its message");
    }
}
