package io.registrycenter.watch;

import com.google.protobuf.ByteString;
import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.WatchHeartbeat;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.nio.ByteBuffer;
import java.util.List;

/** What comes over the wire, in the words of {@link Told}; written against the wire contract alone. */
final class WireTold {

    private WireTold() {}

    /** Empty for what concerns no subscription. */
    static List<Told> of(WatchResponse response) {
        long id = response.getSubscriptionId();
        return switch (response.getFrameCase()) {
            case WELCOME, DRAIN -> List.of();
            case SNAPSHOT -> List.of(part(id, response.getSnapshot()));
            case HEARTBEAT ->
                List.of(new Told.Heartbeat(
                        id,
                        response.getHeartbeat().getSeq(),
                        cursor(response.getHeartbeat().getCursor())));
            case SUBSCRIPTION_ENDED ->
                List.of(new Told.Ended(
                        id,
                        CloseCause.valueOf(stripped(
                                response.getSubscriptionEnded().getCause().name(), "CLOSE_CAUSE_"))));
            case FRAME_NOT_SET ->
                response.getDeltasList().stream()
                        .map(delta -> (Told) new Told.Delta(
                                id,
                                delta.getAfter(),
                                delta.getRevision(),
                                mark(delta.getMark()),
                                delta.getCoalesced(),
                                delta.getChangesList().stream()
                                        .map(WireTold::change)
                                        .toList()))
                        .toList();
        };
    }

    static WatchRequest acknowledge(WatchHeartbeat heartbeat) {
        return WatchRequest.newBuilder()
                .setHeartbeatAck(WatchHeartbeatAck.newBuilder()
                        .setSeq(heartbeat.getSeq())
                        .setApplied(heartbeat.getCursor()))
                .build();
    }

    static io.registrycenter.proto.v1.Cursor cursor(Cursor cursor) {
        return io.registrycenter.proto.v1.Cursor.newBuilder()
                .setEpoch(cursor.epoch())
                .setRevision(cursor.revision())
                .setMark(
                        cursor.mark() == Cursor.NO_MARK
                                ? ByteString.EMPTY
                                : ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES)
                                        .putLong(cursor.mark())
                                        .array()))
                .build();
    }

    static io.registrycenter.proto.v1.Interest interest(Interest interest) {
        return io.registrycenter.proto.v1.Interest.newBuilder()
                .setNamespace(interest.namespace())
                .setService(interest.service())
                .putAllLabels(interest.labels())
                .build();
    }

    private static Told part(long id, Snapshot part) {
        return new Told.Part(
                id,
                SnapshotReason.valueOf(stripped(part.getReason().name(), "SNAPSHOT_REASON_")),
                cursor(part.getCursor()),
                part.getInstancesList().stream().map(WireTold::instance).toList(),
                part.getPart(),
                part.getLast(),
                part.getTotal());
    }

    private static Cursor cursor(io.registrycenter.proto.v1.Cursor wire) {
        return new Cursor(wire.getEpoch(), wire.getRevision(), mark(wire.getMark()));
    }

    private static long mark(ByteString wire) {
        return wire.isEmpty() ? Cursor.NO_MARK : wire.asReadOnlyByteBuffer().getLong();
    }

    private static Change change(io.registrycenter.proto.v1.Change wire) {
        return switch (wire.getChangeCase()) {
            case PUT -> new Change.Put(instance(wire.getPut()));
            case REMOVAL ->
                new Change.Removal(
                        wire.getRemoval().getService(),
                        wire.getRemoval().getInstanceId(),
                        RemovalReason.valueOf(
                                stripped(wire.getRemoval().getReason().name(), "REMOVAL_REASON_")));
            case CHANGE_NOT_SET -> throw new AssertionError("a change of nothing");
        };
    }

    private static Instance instance(io.registrycenter.proto.v1.Instance wire) {
        return new Instance(
                wire.getService(),
                wire.getId(),
                wire.getEndpointsList().stream()
                        .map(endpoint -> new Endpoint(
                                endpoint.getName(), endpoint.getHost(), endpoint.getPort(), endpoint.getTls()))
                        .toList(),
                wire.getZone(),
                wire.getWeight(),
                wire.getMetadataMap(),
                InstanceStatus.valueOf(stripped(wire.getStatus().name(), "INSTANCE_STATUS_")),
                wire.getCreatedRevision(),
                wire.getModifiedRevision());
    }

    private static String stripped(String name, String prefix) {
        return name.substring(prefix.length());
    }
}
