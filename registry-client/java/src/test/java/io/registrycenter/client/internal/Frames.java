package io.registrycenter.client.internal;

import com.google.protobuf.ByteString;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Change;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Drain;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.Removal;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SessionExpired;
import io.registrycenter.proto.v1.SessionHeartbeatReply;
import io.registrycenter.proto.v1.SessionLost;
import io.registrycenter.proto.v1.SessionOpened;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.SubscriptionEnded;
import io.registrycenter.proto.v1.WatchHeartbeat;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchWelcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** What a server says. */
final class Frames {

    static final String EPOCH = "e1";

    private Frames() {}

    static Cursor cursor(String epoch, long revision) {
        return Cursor.newBuilder()
                .setEpoch(epoch)
                .setRevision(revision)
                .setMark(mark(revision))
                .build();
    }

    /** As a server has it that knows no marks. */
    static Cursor unmarked(long revision) {
        return cursor(EPOCH, revision).toBuilder().clearMark().build();
    }

    /** Of a revision, in every history: a client has nothing to do with what a mark is made of. */
    static ByteString mark(long revision) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(Long.BYTES).putLong(~revision).array());
    }

    static Instance instance(String id, long revision) {
        return Instance.newBuilder()
                .setService("orders")
                .setId(id)
                .setCreatedRevision(revision)
                .setModifiedRevision(revision)
                .build();
    }

    static WatchResponse welcome() {
        return WatchResponse.newBuilder()
                .setWelcome(WatchWelcome.newBuilder()
                        .setStreamId("stream-1")
                        .setNode("node-1")
                        .setHeartbeatIntervalMs(20_000)
                        .setHeartbeatTimeoutMs(10_000)
                        .setIdleTimeoutMs(60_000)
                        .setPermitKeepaliveMs(10_000))
                .build();
    }

    static WatchResponse snapshot(long id, SnapshotReason reason, Cursor cursor, Instance... instances) {
        return part(id, reason, cursor, 0, true, instances.length, Arrays.asList(instances));
    }

    static WatchResponse part(
            long id,
            SnapshotReason reason,
            Cursor cursor,
            int part,
            boolean last,
            int total,
            List<Instance> instances) {
        return WatchResponse.newBuilder()
                .setSubscriptionId(id)
                .setSnapshot(Snapshot.newBuilder()
                        .setReason(reason)
                        .setCursor(cursor)
                        .addAllInstances(instances)
                        .setPart(part)
                        .setLast(last)
                        .setTotal(total))
                .build();
    }

    static Change put(Instance instance) {
        return Change.newBuilder().setPut(instance).build();
    }

    static Change removal(String id, RemovalReason reason) {
        return Change.newBuilder()
                .setRemoval(Removal.newBuilder()
                        .setService("orders")
                        .setInstanceId(id)
                        .setReason(reason))
                .build();
    }

    static Delta delta(long after, long revision, Change... changes) {
        return Delta.newBuilder()
                .setAfter(after)
                .setRevision(revision)
                .setMark(mark(revision))
                .addAllChanges(Arrays.asList(changes))
                .build();
    }

    static WatchResponse deltas(long id, Delta... deltas) {
        return WatchResponse.newBuilder()
                .setSubscriptionId(id)
                .addAllDeltas(Arrays.asList(deltas))
                .build();
    }

    static WatchResponse heartbeat(long id, long seq, Cursor cursor) {
        return WatchResponse.newBuilder()
                .setSubscriptionId(id)
                .setHeartbeat(WatchHeartbeat.newBuilder().setSeq(seq).setCursor(cursor))
                .build();
    }

    static WatchResponse ended(long id, CloseCause cause, long retryAfterMillis) {
        return WatchResponse.newBuilder()
                .setSubscriptionId(id)
                .setSubscriptionEnded(SubscriptionEnded.newBuilder()
                        .setCause(cause)
                        .setRetryAfterMs(retryAfterMillis)
                        .setMessage("for people"))
                .build();
    }

    static Drain drain(long reconnectAfterMillis) {
        return Drain.newBuilder()
                .setCause(CloseCause.CLOSE_CAUSE_DRAINING)
                .setDeadlineMs(15_000)
                .setReconnectAfterMs(reconnectAfterMillis)
                .build();
    }

    static WatchResponse draining(long reconnectAfterMillis) {
        return WatchResponse.newBuilder().setDrain(drain(reconnectAfterMillis)).build();
    }

    static AttachResponse opened(String session, long fence) {
        return opened(session, fence, Duration.ofSeconds(30));
    }

    /** A session with a TTL of its own, and a third of it between heartbeats. */
    static AttachResponse openedFor(String session, long fence, Duration ttl) {
        AttachResponse.Builder opened = opened(session, fence).toBuilder();
        opened.getOpenedBuilder().setTtlMs(ttl.toMillis()).setHeartbeatIntervalMs(ttl.toMillis() / 3);
        return opened.build();
    }

    /** Zero: says nothing about it. */
    static AttachResponse opened(String session, long fence, Duration restartGrace) {
        return AttachResponse.newBuilder()
                .setOpened(SessionOpened.newBuilder()
                        .setSessionId(session)
                        .setFence(fence)
                        .setTtlMs(15_000)
                        .setHeartbeatIntervalMs(5_000)
                        .setReconnectGraceMs(10_000)
                        .setRestartGraceMs(restartGrace.toMillis()))
                .build();
    }

    static AttachResponse reply() {
        return AttachResponse.newBuilder()
                .setHeartbeat(SessionHeartbeatReply.newBuilder().setCursor(cursor(EPOCH, 1)))
                .build();
    }

    static AttachResponse expired() {
        return AttachResponse.newBuilder()
                .setExpired(SessionExpired.newBuilder().setCause(CloseCause.CLOSE_CAUSE_SESSION_EXPIRED))
                .build();
    }

    /** By a server that does not say which registration is meant. */
    static AttachResponse lost(String id, SessionLost.Reason reason) {
        return lost(id, 0, reason);
    }

    static AttachResponse lost(String id, long createdRevision, SessionLost.Reason reason) {
        return AttachResponse.newBuilder()
                .setLost(SessionLost.newBuilder()
                        .setNamespace("default")
                        .setService("orders")
                        .setInstanceId(id)
                        .setCreatedRevision(createdRevision)
                        .setReason(reason))
                .build();
    }
}
