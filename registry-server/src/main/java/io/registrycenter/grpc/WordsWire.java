package io.registrycenter.grpc;

import com.google.protobuf.ByteString;
import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.proto.v1.Drain;
import io.registrycenter.proto.v1.InstanceStatus;
import io.registrycenter.proto.v1.Removal;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SnapshotReason;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Words to wire: the one place on the way out. Immutable; any thread. */
final class WordsWire {

    private WordsWire() {}

    static io.registrycenter.proto.v1.Cursor cursor(Cursor cursor) {
        io.registrycenter.proto.v1.Cursor.Builder wire = io.registrycenter.proto.v1.Cursor.newBuilder()
                .setEpoch(cursor.epoch())
                .setRevision(cursor.revision());
        if (cursor.mark() != Cursor.NO_MARK) {
            wire.setMark(ByteString.copyFrom(mark(cursor.mark())));
        }
        return wire.build();
    }

    /** A mark that there is, as {@link WireWords#mark} reads it. */
    static byte[] mark(long mark) {
        return ByteBuffer.allocate(Long.BYTES).putLong(mark).array();
    }

    static io.registrycenter.proto.v1.Change change(Change change) {
        io.registrycenter.proto.v1.Change.Builder wire = io.registrycenter.proto.v1.Change.newBuilder();
        return switch (change) {
            case Change.Put put -> wire.setPut(instance(put.instance())).build();
            case Change.Removal removal ->
                wire.setRemoval(Removal.newBuilder()
                                .setService(removal.service())
                                .setInstanceId(removal.instanceId())
                                .setReason(removalReason(removal.reason())))
                        .build();
        };
    }

    static io.registrycenter.proto.v1.Instance instance(Instance instance) {
        io.registrycenter.proto.v1.Instance.Builder wire = io.registrycenter.proto.v1.Instance.newBuilder()
                .setService(instance.service())
                .setId(instance.id())
                .setZone(instance.zone())
                .setWeight(instance.weight())
                .putAllMetadata(instance.metadata())
                .setStatus(status(instance.status()))
                .setCreatedRevision(instance.createdRevision())
                .setModifiedRevision(instance.modifiedRevision());
        for (Endpoint endpoint : instance.endpoints()) {
            wire.addEndpoints(io.registrycenter.proto.v1.Endpoint.newBuilder()
                    .setName(endpoint.name())
                    .setHost(endpoint.host())
                    .setPort(endpoint.port())
                    .setTls(endpoint.tls()));
        }
        return wire.build();
    }

    static Drain drain(io.registrycenter.catalog.CloseCause cause, Duration deadline, Duration reconnectAfter) {
        return Drain.newBuilder()
                .setCause(closeCause(cause))
                .setDeadlineMs(deadline.toMillis())
                .setReconnectAfterMs(reconnectAfter.toMillis())
                .build();
    }

    /** The two lists have the same names, which a test holds. */
    static io.registrycenter.proto.v1.CloseCause closeCause(io.registrycenter.catalog.CloseCause cause) {
        return io.registrycenter.proto.v1.CloseCause.valueOf("CLOSE_CAUSE_" + cause.name());
    }

    static InstanceStatus status(io.registrycenter.catalog.InstanceStatus status) {
        return switch (status) {
            case UP -> InstanceStatus.INSTANCE_STATUS_UP;
            case LEAVING -> InstanceStatus.INSTANCE_STATUS_LEAVING;
            case DOWN -> InstanceStatus.INSTANCE_STATUS_DOWN;
        };
    }

    static RemovalReason removalReason(io.registrycenter.catalog.RemovalReason reason) {
        return switch (reason) {
            case DEREGISTERED -> RemovalReason.REMOVAL_REASON_DEREGISTERED;
            case SESSION_EXPIRED -> RemovalReason.REMOVAL_REASON_SESSION_EXPIRED;
            case ADMIN -> RemovalReason.REMOVAL_REASON_ADMIN;
            case NO_LONGER_MATCHES -> RemovalReason.REMOVAL_REASON_NO_LONGER_MATCHES;
        };
    }

    static SnapshotReason snapshotReason(io.registrycenter.watch.SnapshotReason reason) {
        return switch (reason) {
            case INITIAL -> SnapshotReason.SNAPSHOT_REASON_INITIAL;
            case COMPACTED -> SnapshotReason.SNAPSHOT_REASON_COMPACTED;
            case LAGGED -> SnapshotReason.SNAPSHOT_REASON_LAGGED;
            case EPOCH_CHANGED -> SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED;
            case REVISION_AHEAD -> SnapshotReason.SNAPSHOT_REASON_REVISION_AHEAD;
        };
    }
}
