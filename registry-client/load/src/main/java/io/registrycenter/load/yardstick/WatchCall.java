package io.registrycenter.load.yardstick;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchHeartbeat;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchSubscribe;
import io.registrycenter.proto.v1.WatchWelcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One watch stream with its only subscription: a position in a topic's ring. Confined to its event loop. */
final class WatchCall extends ServerCall.Listener<WatchRequest> {
    private static final int MOST_COMMITS = 64;
    private static final int SNAPSHOT_PART_BYTES = 512 * 1024;

    private final ServerCall<WatchRequest, Payload> call;
    private final YardstickState state;
    private @Nullable Topic topic;
    private @Nullable LoopDrain drain;
    private byte[] prefix = new byte[0];
    private long position;
    private boolean ended;

    WatchCall(ServerCall<WatchRequest, Payload> call, YardstickState state) {
        this.call = call;
        this.state = state;
        call.sendHeaders(new Metadata());
        call.request(Integer.MAX_VALUE);
    }

    @Override
    public void onMessage(WatchRequest request) {
        switch (request.getFrameCase()) {
            case HELLO ->
                send(WatchResponse.newBuilder()
                        .setWelcome(
                                WatchWelcome.newBuilder().setNode("yardstick").setStreamId("0"))
                        .build());
            case SUBSCRIBE -> subscribe(request.getSubscribe());
            default -> end(Status.UNIMPLEMENTED.withDescription("the yardstick takes hello and one subscribe"));
        }
    }

    private void subscribe(WatchSubscribe subscribe) {
        if (topic != null) {
            end(Status.UNIMPLEMENTED.withDescription("one subscription a stream"));
            return;
        }
        Topic watched = state.topic(subscribe.getInterest().getService());
        Cursor cursor = subscribe.getCursor();
        Topic.Start start = watched.start(cursor.getEpoch().equals(state.epoch()) ? cursor.getRevision() : 0);
        topic = watched;
        position = start.position();
        WatchResponse own = WatchResponse.newBuilder()
                .setSubscriptionId(subscribe.getSubscriptionId())
                .build();
        prefix = own.toByteArray();
        if (!start.resumed()) {
            snapshot(start);
        } else if (position == watched.head()) {
            send(own.toBuilder()
                    .setHeartbeat(WatchHeartbeat.newBuilder().setCursor(cursor))
                    .build());
        }
        LoopDrain mine = watched.drain(state.currentLoop());
        mine.add(this);
        drain = mine;
        drain();
    }

    /** Parts of at most 512 KiB: an empty snapshot's head, the shared instances, and the count. */
    private void snapshot(Topic.Start start) {
        List<byte[]> all = start.snapshot();
        Cursor cursor = Cursor.newBuilder()
                .setEpoch(state.epoch())
                .setRevision(start.revision())
                .build();
        int at = 0;
        int part = 0;
        do {
            Snapshot.Builder snapshot = Snapshot.newBuilder()
                    .setReason(SnapshotReason.SNAPSHOT_REASON_INITIAL)
                    .setCursor(cursor)
                    .setPart(part++)
                    .setTotal(all.size());
            List<byte[]> instances = new ArrayList<>();
            int bytes = 0;
            while (at < all.size() && bytes + all.get(at).length <= SNAPSHOT_PART_BYTES) {
                bytes += all.get(at).length;
                instances.add(all.get(at++));
            }
            byte[] head = snapshot.setLast(at == all.size()).build().toByteArray();
            List<byte[]> parts = new ArrayList<>();
            parts.add(prefix);
            parts.add(Encoded.snapshotHead(head.length + bytes));
            parts.add(head);
            parts.addAll(instances);
            call.sendMessage(new Payload(parts));
        } while (at < all.size());
    }

    /** Sends what is missing while the transport takes it. */
    void drain() {
        Topic watched = topic;
        if (watched == null || ended) {
            return;
        }
        while (position < watched.head() && call.isReady()) {
            List<byte[]> parts = new ArrayList<>(MOST_COMMITS + 1);
            parts.add(prefix);
            try {
                position += watched.read(position, MOST_COMMITS, parts);
            } catch (IllegalStateException e) {
                end(Status.OUT_OF_RANGE.withDescription(e.getMessage()));
                return;
            }
            call.sendMessage(new Payload(parts));
        }
    }

    private void send(WatchResponse response) {
        call.sendMessage(Payload.of(response.toByteArray()));
    }

    private void end(Status status) {
        leave();
        call.close(status, new Metadata());
    }

    private void leave() {
        ended = true;
        if (drain != null) {
            drain.remove(this);
            drain = null;
        }
    }

    @Override
    public void onReady() {
        drain();
    }

    @Override
    public void onHalfClose() {
        if (!ended) {
            end(Status.OK);
        }
    }

    @Override
    public void onCancel() {
        leave();
    }
}
