package io.registrycenter.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor.Marshaller;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SubscriptionEnded;
import io.registrycenter.proto.v1.WatchHeartbeat;
import io.registrycenter.proto.v1.WatchLimits;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchWelcome;
import io.registrycenter.watch.Frame;
import io.registrycenter.watch.PreviousEnd;
import io.registrycenter.watch.Slice;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A frame as a {@code WatchResponse}: a few bytes of its own, followed by arrays that all watchers share.
 *
 * <p>Deltas and snapshots never become protobuf objects here. Immutable; any thread.
 */
final class FrameMarshaller implements Marshaller<Frame> {

    /**
     * The field {@code subscription_id} for the ids that most clients use, which count from 1 and take one byte: it heads every
     * message. Made without protobuf's help, whose classes the start of a server has no use for.
     */
    private static final List<Slice> FIRST_IDS = IntStream.range(0, 128)
            .mapToObj(id -> Slice.of(new byte[] {WatchResponse.SUBSCRIPTION_ID_FIELD_NUMBER << 3, (byte) id}))
            .toList();

    private final ServerNumbers numbers;

    FrameMarshaller(ServerNumbers numbers) {
        this.numbers = numbers;
    }

    @Override
    public InputStream stream(Frame frame) {
        return new SharedBytes(
                switch (frame) {
                    case Frame.Deltas deltas -> deltas(deltas);
                    case Frame.Snapshot snapshot -> snapshot(snapshot);
                    case Frame.Welcome welcome ->
                        message(WatchResponse.newBuilder().setWelcome(welcome(welcome)));
                    case Frame.Heartbeat heartbeat ->
                        message(WatchResponse.newBuilder()
                                .setSubscriptionId(heartbeat.subscriptionId())
                                .setHeartbeat(WatchHeartbeat.newBuilder()
                                        .setSeq(heartbeat.seq())
                                        .setCursor(WordsWire.cursor(heartbeat.cursor()))));
                    case Frame.Drain drain ->
                        message(WatchResponse.newBuilder()
                                .setDrain(WordsWire.drain(drain.cause(), drain.deadline(), drain.reconnectAfter())));
                    case Frame.SubscriptionEnded ended ->
                        message(WatchResponse.newBuilder()
                                .setSubscriptionId(ended.subscriptionId())
                                .setSubscriptionEnded(ended(ended)));
                });
    }

    /** The server never reads its own answers. */
    @Override
    public Frame parse(InputStream stream) {
        throw new UnsupportedOperationException("frames are only written");
    }

    private static List<Slice> deltas(Frame.Deltas frame) {
        Slice own = subscription(frame.subscriptionId());
        List<Slice> shared = frame.encoded();
        if (shared.size() == 1) {
            return List.of(own, shared.get(0));
        }
        List<Slice> all = new ArrayList<>(shared.size() + 1);
        all.add(own);
        all.addAll(shared);
        return all;
    }

    private static Slice subscription(long id) {
        return id >= 0 && id < FIRST_IDS.size() ? FIRST_IDS.get((int) id) : encoded(id);
    }

    private static Slice encoded(long id) {
        byte[] field = new byte[CodedOutputStream.computeUInt64Size(WatchResponse.SUBSCRIPTION_ID_FIELD_NUMBER, id)];
        return Slice.of(
                GrpcEncoding.write(field, out -> out.writeUInt64(WatchResponse.SUBSCRIPTION_ID_FIELD_NUMBER, id)));
    }

    private static List<Slice> snapshot(Frame.Snapshot frame) {
        byte[] shared = frame.instances().bytes();
        MessageLite own = Snapshot.newBuilder()
                .setReason(WordsWire.snapshotReason(frame.reason()))
                .setCursor(WordsWire.cursor(frame.cursor()))
                .setPart(frame.part())
                .setLast(frame.last())
                .setTotal(frame.total())
                .build();
        int length = own.getSerializedSize() + shared.length;
        int size =
                CodedOutputStream.computeUInt64Size(WatchResponse.SUBSCRIPTION_ID_FIELD_NUMBER, frame.subscriptionId())
                        + CodedOutputStream.computeTagSize(WatchResponse.SNAPSHOT_FIELD_NUMBER)
                        + CodedOutputStream.computeUInt32SizeNoTag(length)
                        + own.getSerializedSize();
        byte[] head = GrpcEncoding.write(new byte[size], out -> {
            out.writeUInt64(WatchResponse.SUBSCRIPTION_ID_FIELD_NUMBER, frame.subscriptionId());
            out.writeTag(WatchResponse.SNAPSHOT_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(length);
            own.writeTo(out);
        });
        return List.of(Slice.of(head), Slice.of(shared));
    }

    private WatchWelcome welcome(Frame.Welcome welcome) {
        WatchWelcome.Builder answer = WatchWelcome.newBuilder();
        PreviousEnd previous = welcome.previousEnd();
        if (previous != null) {
            answer.setPreviousEnd(io.registrycenter.proto.v1.PreviousEnd.newBuilder()
                    .setStreamId(previous.streamId())
                    .setCause(WordsWire.closeCause(previous.cause()))
                    .setMessage(WireErrors.cut(previous.message())));
        }
        return answer.setStreamId(welcome.streamId())
                .setNode(numbers.node())
                .setCursor(WordsWire.cursor(welcome.cursor()))
                .setHeartbeatIntervalMs(numbers.heartbeatInterval().toMillis())
                .setHeartbeatTimeoutMs(numbers.heartbeatTimeout().toMillis())
                .setIdleTimeoutMs(numbers.idleTimeout().toMillis())
                .setPermitKeepaliveMs(numbers.permitKeepalive().toMillis())
                .setLimits(WatchLimits.newBuilder()
                        .setSubscriptionsPerStream(numbers.subscriptionsPerStream())
                        .setStreamsPerConnection(numbers.streamsPerConnection())
                        .setMessageBytes(numbers.messageBytes()))
                .build();
    }

    private static SubscriptionEnded ended(Frame.SubscriptionEnded frame) {
        SubscriptionEnded.Builder ended = SubscriptionEnded.newBuilder()
                .setCause(WordsWire.closeCause(frame.cause()))
                .setRetryAfterMs(frame.retryAfter().toMillis())
                .setMessage(WireErrors.cut(frame.message()));
        if (frame.cursor() != null) {
            ended.setCursor(WordsWire.cursor(frame.cursor()));
        }
        return ended.build();
    }

    private static List<Slice> message(WatchResponse.Builder response) {
        return List.of(Slice.of(response.build().toByteArray()));
    }
}
