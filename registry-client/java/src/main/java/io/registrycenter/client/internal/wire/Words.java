package io.registrycenter.client.internal.wire;

import com.google.protobuf.ByteString;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Endpoint;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Interest;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.RemovalReason;
import io.registrycenter.client.ServiceList;
import io.registrycenter.client.ServiceSummary;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.proto.v1.Change;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.ListInstancesResponse;
import io.registrycenter.proto.v1.ListServicesResponse;
import io.registrycenter.proto.v1.Removal;
import io.registrycenter.proto.v1.SessionLost;
import io.registrycenter.proto.v1.Snapshot;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Messages to words and back; nothing else does this. A value this client does not know gets the mildest meaning. */
public final class Words {

    private static final String CAUSE_PREFIX = "CLOSE_CAUSE_";
    private static final int MOST_MARK_BYTES = 64;

    private Words() {}

    // --- to words

    public static Cursor cursor(io.registrycenter.proto.v1.Cursor cursor) {
        return new Cursor(cursor.getEpoch(), cursor.getRevision(), mark(cursor.getMark()));
    }

    /** Kept as it came; one that is longer than a mark may be proves nothing. */
    private static String mark(ByteString mark) {
        return mark.size() > MOST_MARK_BYTES ? "" : HexFormat.of().formatHex(mark.toByteArray());
    }

    public static Interest interest(io.registrycenter.proto.v1.Interest interest) {
        return new Interest(interest.getNamespace(), interest.getService(), interest.getLabelsMap());
    }

    public static Instance instance(io.registrycenter.proto.v1.Instance from) {
        List<Endpoint> endpoints = new ArrayList<>(from.getEndpointsCount());
        for (io.registrycenter.proto.v1.Endpoint endpoint : from.getEndpointsList()) {
            endpoints.add(new Endpoint(endpoint.getName(), endpoint.getHost(), endpoint.getPort(), endpoint.getTls()));
        }
        return new Instance(
                from.getService(),
                from.getId(),
                endpoints,
                from.getZone(),
                from.hasWeight() ? from.getWeight() : Instance.DEFAULT_WEIGHT,
                from.getMetadataMap(),
                status(from.getStatus()),
                from.getCreatedRevision(),
                from.getModifiedRevision());
    }

    private static InstanceStatus status(io.registrycenter.proto.v1.InstanceStatus status) {
        return switch (status) {
            case INSTANCE_STATUS_LEAVING -> InstanceStatus.LEAVING;
            case INSTANCE_STATUS_DOWN -> InstanceStatus.DOWN;
            default -> InstanceStatus.UP;
        };
    }

    public static WireDelta delta(Delta delta) {
        List<WireChange> changes = new ArrayList<>(delta.getChangesCount());
        for (Change change : delta.getChangesList()) {
            if (change.hasPut()) {
                changes.add(new WireChange.Put(instance(change.getPut())));
            } else if (change.hasRemoval()) {
                Removal removal = change.getRemoval();
                changes.add(new WireChange.Removal(
                        removal.getService(), removal.getInstanceId(), reason(removal.getReason())));
            }
        }
        return new WireDelta(
                delta.getAfter(), delta.getRevision(), mark(delta.getMark()), changes, delta.getCoalesced());
    }

    static RemovalReason reason(io.registrycenter.proto.v1.RemovalReason reason) {
        return switch (reason) {
            case REMOVAL_REASON_SESSION_EXPIRED -> RemovalReason.SESSION_EXPIRED;
            case REMOVAL_REASON_ADMIN -> RemovalReason.ADMIN;
            case REMOVAL_REASON_NO_LONGER_MATCHES -> RemovalReason.NO_LONGER_MATCHES;
            default -> RemovalReason.DEREGISTERED;
        };
    }

    public static WireSnapshot snapshot(Snapshot snapshot) {
        List<Instance> instances = new ArrayList<>(snapshot.getInstancesCount());
        for (io.registrycenter.proto.v1.Instance instance : snapshot.getInstancesList()) {
            instances.add(instance(instance));
        }
        return new WireSnapshot(
                reason(snapshot.getReason()),
                cursor(snapshot.getCursor()),
                instances,
                snapshot.getPart(),
                snapshot.getLast(),
                snapshot.getTotal());
    }

    static SnapshotReason reason(io.registrycenter.proto.v1.SnapshotReason reason) {
        return switch (reason) {
            case SNAPSHOT_REASON_COMPACTED -> SnapshotReason.COMPACTED;
            case SNAPSHOT_REASON_LAGGED -> SnapshotReason.LAGGED;
            case SNAPSHOT_REASON_EPOCH_CHANGED -> SnapshotReason.EPOCH_CHANGED;
            case SNAPSHOT_REASON_REVISION_AHEAD -> SnapshotReason.REVISION_AHEAD;
            default -> SnapshotReason.INITIAL;
        };
    }

    public static CloseCause cause(io.registrycenter.proto.v1.CloseCause cause) {
        String name = cause == io.registrycenter.proto.v1.CloseCause.UNRECOGNIZED ? "" : cause.name();
        CloseCause known = name.startsWith(CAUSE_PREFIX) ? Ends.named(name.substring(CAUSE_PREFIX.length())) : null;
        return known == null ? CloseCause.UNKNOWN : known;
    }

    public static LostReason lost(SessionLost.Reason reason) {
        return reason == SessionLost.Reason.REASON_ADMIN ? LostReason.ADMIN : LostReason.REPLACED;
    }

    public static ServiceList services(ListServicesResponse response) {
        List<ServiceSummary> services = new ArrayList<>(response.getServicesCount());
        for (ListServicesResponse.Service service : response.getServicesList()) {
            services.add(new ServiceSummary(service.getName(), service.getInstances(), service.getUp()));
        }
        return new ServiceList(cursor(response.getCursor()), services, response.getStale());
    }

    public static InstanceList instances(ListInstancesResponse response) {
        List<Instance> instances = new ArrayList<>(response.getInstancesCount());
        for (io.registrycenter.proto.v1.Instance instance : response.getInstancesList()) {
            instances.add(instance(instance));
        }
        return new InstanceList(cursor(response.getCursor()), instances, response.getStale());
    }

    // --- to messages

    public static io.registrycenter.proto.v1.Cursor wire(Cursor cursor) {
        return io.registrycenter.proto.v1.Cursor.newBuilder()
                .setEpoch(cursor.epoch())
                .setRevision(cursor.revision())
                .setMark(ByteString.copyFrom(HexFormat.of().parseHex(cursor.mark())))
                .build();
    }

    public static io.registrycenter.proto.v1.Interest wire(Interest interest) {
        return io.registrycenter.proto.v1.Interest.newBuilder()
                .setNamespace(interest.namespace())
                .setService(interest.service())
                .putAllLabels(interest.labels())
                .build();
    }

    /** With what the registry set, too. */
    public static io.registrycenter.proto.v1.Instance wireWhole(Instance instance) {
        return wire(instance).toBuilder()
                .setService(instance.service())
                .setCreatedRevision(instance.createdRevision())
                .setModifiedRevision(instance.modifiedRevision())
                .build();
    }

    public static io.registrycenter.proto.v1.Instance wire(Instance instance) {
        io.registrycenter.proto.v1.Instance.Builder to = io.registrycenter.proto.v1.Instance.newBuilder()
                .setId(instance.id())
                .setZone(instance.zone())
                .setWeight(instance.weight())
                .putAllMetadata(instance.metadata())
                .setStatus(wire(instance.status()));
        for (Endpoint endpoint : instance.endpoints()) {
            to.addEndpointsBuilder()
                    .setName(endpoint.name())
                    .setHost(endpoint.host())
                    .setPort(endpoint.port())
                    .setTls(endpoint.tls());
        }
        return to.build();
    }

    public static io.registrycenter.proto.v1.InstanceStatus wire(InstanceStatus status) {
        return io.registrycenter.proto.v1.InstanceStatus.valueOf("INSTANCE_STATUS_" + status.name());
    }

    public static io.registrycenter.proto.v1.CloseCause wire(CloseCause cause) {
        return io.registrycenter.proto.v1.CloseCause.valueOf(CAUSE_PREFIX + cause.name());
    }
}
