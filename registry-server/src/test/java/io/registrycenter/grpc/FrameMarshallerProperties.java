package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.ByteStreams;
import com.google.protobuf.ByteString;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.watch.Encoding;
import io.registrycenter.watch.Frame;
import io.registrycenter.watch.Slice;
import io.registrycenter.watch.SnapshotReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is written from shared bytes is what the generated classes read, for every frame. */
class FrameMarshallerProperties {

    private final GrpcEncoding encoding = new GrpcEncoding();
    private final FrameMarshaller marshaller = new FrameMarshaller(new ServerNumbers(
            "node-1",
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            1_000,
            100,
            1 << 20));

    /** One commit as it is told. */
    record Told(long after, long revision, long mark, boolean coalesced, List<Change> changes) {}

    @Provide
    Arbitrary<Told> told() {
        return Combinators.combine(
                        Anything.revision(),
                        Anything.revision(),
                        Arbitraries.longs(),
                        Arbitraries.of(true, false),
                        Anything.change().list().ofMaxSize(4))
                .as(Told::new);
    }

    @Provide
    Arbitrary<List<Told>> commits() {
        return told().list().ofMinSize(1).ofMaxSize(5);
    }

    @Provide
    Arbitrary<List<Instance>> instances() {
        return Anything.instance().list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<Cursor> cursors() {
        return Anything.cursor();
    }

    @Property(tries = 100)
    void commits_put_one_after_another_are_read_as_as_many_deltas(
            @ForAll("commits") List<Told> commits, @ForAll long subscription) throws IOException {
        List<Slice> encoded = new ArrayList<>();
        for (Told told : commits) {
            byte[] changes = encoding.changes(told.changes());
            encoded.add(Slice.of(
                    encoding.deltaHead(told.after(), told.revision(), told.mark(), told.coalesced(), changes.length)));
            encoded.add(inTheMiddle(changes));
        }

        WatchResponse response = written(new Frame.Deltas(subscription, commits.size(), encoded));

        WatchResponse.Builder expected = WatchResponse.newBuilder().setSubscriptionId(subscription);
        for (Told told : commits) {
            Delta.Builder delta = Delta.newBuilder()
                    .setAfter(told.after())
                    .setRevision(told.revision())
                    .setCoalesced(told.coalesced());
            if (told.mark() != Cursor.NO_MARK) {
                delta.setMark(ByteString.copyFrom(WordsWire.mark(told.mark())));
            }
            told.changes().forEach(change -> delta.addChanges(WordsWire.change(change)));
            expected.addDeltas(delta);
        }
        assertThat(response).isEqualTo(expected.build());
    }

    @Property(tries = 100)
    void snapshot_parts_together_are_the_instances_in_order_and_none_is_too_long(
            @ForAll("instances") List<Instance> instances, @ForAll("cursors") Cursor cursor) throws IOException {
        int longest = instances.stream()
                .mapToInt(instance ->
                        encoding.instances(List.of(instance), 0).get(0).bytes().length)
                .max()
                .orElse(0);
        int maxBytes = Math.max(longest, 300);

        List<Encoding.Part> parts = encoding.instances(instances, maxBytes);

        List<io.registrycenter.proto.v1.Instance> read = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            assertThat(parts.get(i).bytes().length).isLessThanOrEqualTo(maxBytes);
            boolean last = i == parts.size() - 1;
            WatchResponse response = written(
                    new Frame.Snapshot(7, SnapshotReason.COMPACTED, cursor, parts.get(i), i, last, instances.size()));
            Snapshot snapshot = response.getSnapshot();
            assertThat(response.getSubscriptionId()).isEqualTo(7);
            assertThat(snapshot.getCursor()).isEqualTo(WordsWire.cursor(cursor));
            assertThat(snapshot.getReason())
                    .isEqualTo(io.registrycenter.proto.v1.SnapshotReason.SNAPSHOT_REASON_COMPACTED);
            assertThat(snapshot.getPart()).isEqualTo(i);
            assertThat(snapshot.getLast()).isEqualTo(last);
            assertThat(snapshot.getTotal()).isEqualTo(instances.size());
            assertThat(snapshot.getInstancesCount()).isEqualTo(parts.get(i).count());
            read.addAll(snapshot.getInstancesList());
        }
        assertThat(read).isEqualTo(instances.stream().map(WordsWire::instance).toList());
    }

    @Property(tries = 50)
    void heartbeats_and_ends_are_read_as_written(@ForAll("cursors") Cursor cursor, @ForAll long seq)
            throws IOException {
        WatchResponse heartbeat = written(new Frame.Heartbeat(3, seq, cursor));
        assertThat(heartbeat.getSubscriptionId()).isEqualTo(3);
        assertThat(heartbeat.getHeartbeat().getSeq()).isEqualTo(seq);
        assertThat(heartbeat.getHeartbeat().getCursor()).isEqualTo(WordsWire.cursor(cursor));

        WatchResponse ended = written(
                new Frame.SubscriptionEnded(4, CloseCause.SERVER_BEHIND, cursor, Duration.ofMillis(1_500), "behind"));
        assertThat(ended.getSubscriptionId()).isEqualTo(4);
        assertThat(ended.getSubscriptionEnded().getCause())
                .isEqualTo(io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_SERVER_BEHIND);
        assertThat(ended.getSubscriptionEnded().getCursor()).isEqualTo(WordsWire.cursor(cursor));
        assertThat(ended.getSubscriptionEnded().getRetryAfterMs()).isEqualTo(1_500);
        assertThat(ended.getSubscriptionEnded().getMessage()).isEqualTo("behind");
    }

    @Example
    void subscriptionEnded_withoutCursor_hasNone() throws IOException {
        WatchResponse ended =
                written(new Frame.SubscriptionEnded(4, CloseCause.INVALID_REQUEST, null, Duration.ZERO, "no"));
        assertThat(ended.getSubscriptionEnded().hasCursor()).isFalse();
    }

    @Example
    void welcome_tellsTheServersNumbers() throws IOException {
        WatchResponse response = written(new Frame.Welcome("stream-1", new Cursor("epoch", 5), null));
        assertThat(response.getWelcome().getStreamId()).isEqualTo("stream-1");
        assertThat(response.getWelcome().getNode()).isEqualTo("node-1");
        assertThat(response.getWelcome().getHeartbeatIntervalMs()).isEqualTo(20_000);
        assertThat(response.getWelcome().getHeartbeatTimeoutMs()).isEqualTo(10_000);
        assertThat(response.getWelcome().getIdleTimeoutMs()).isEqualTo(60_000);
        assertThat(response.getWelcome().getPermitKeepaliveMs()).isEqualTo(10_000);
        assertThat(response.getWelcome().getLimits().getSubscriptionsPerStream())
                .isEqualTo(1_000);
        assertThat(response.getWelcome().getLimits().getStreamsPerConnection()).isEqualTo(100);
        assertThat(response.getWelcome().getLimits().getMessageBytes()).isEqualTo(1 << 20);
    }

    @Example
    void drain_tellsCauseAndTimes() throws IOException {
        WatchResponse response =
                written(new Frame.Drain(CloseCause.MAX_AGE, Duration.ofSeconds(5), Duration.ofMillis(250)));
        assertThat(response.getDrain().getCause()).isEqualTo(io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_MAX_AGE);
        assertThat(response.getDrain().getDeadlineMs()).isEqualTo(5_000);
        assertThat(response.getDrain().getReconnectAfterMs()).isEqualTo(250);
    }

    @Example
    void deltas_reachTheTransportAsTheSharedArrayItself() throws IOException {
        byte[] encoded = encoding.deltaHead(0, 1, 2, false, 0);
        Set<byte[]> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ByteArrayOutputStream target = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                seen.add(bytes);
            }
        };

        Frame.Deltas frame = new Frame.Deltas(1, 1, List.of(Slice.of(encoded)));
        assertThat(((Drainable) marshaller.stream(frame)).drainTo(target)).isPositive();

        assertThat(seen.contains(encoded)).isTrue();
    }

    /** As on a tape: other bytes before and behind. */
    private static Slice inTheMiddle(byte[] bytes) {
        byte[] longer = new byte[bytes.length + 7];
        Arrays.fill(longer, (byte) 0x7f);
        System.arraycopy(bytes, 0, longer, 3, bytes.length);
        return new Slice(longer, 3, bytes.length);
    }

    private WatchResponse written(Frame frame) throws IOException {
        InputStream stream = marshaller.stream(frame);
        assertThat(stream).isInstanceOf(KnownLength.class);
        int length = stream.available();
        ByteArrayOutputStream drained = new ByteArrayOutputStream();
        assertThat(((Drainable) stream).drainTo(drained)).isEqualTo(length);
        assertThat(stream.read()).isEqualTo(-1);
        assertThat(drained.size()).isEqualTo(length);
        assertThat(ByteStreams.toByteArray(marshaller.stream(frame))).isEqualTo(drained.toByteArray());
        return WatchResponse.parseFrom(drained.toByteArray());
    }
}
