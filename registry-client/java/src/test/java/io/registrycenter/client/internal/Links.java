package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;

import io.grpc.Status;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;

/** Steps of tests about a watch stream's link. */
final class Links {

    private Links() {}

    static Watch live(FakeWorld world, FakeServer server) {
        Watch watch = world.client.watch("orders", new RecordingListener());
        synced(server.watch());
        return watch;
    }

    /** Of the stream's first subscription. */
    static long id(Peer<WatchRequest, WatchResponse> peer) {
        return peer.said().get(1).getSubscribe().getSubscriptionId();
    }

    static void synced(Peer<WatchRequest, WatchResponse> peer) {
        peer.send(welcome());
        peer.send(snapshot(id(peer), SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 7)));
    }

    static void cut(FakeWorld world) {
        world.server().watch().fail(Status.UNAVAILABLE.asRuntimeException());
    }
}
