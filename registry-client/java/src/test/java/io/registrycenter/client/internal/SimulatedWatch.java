package io.registrycenter.client.internal;

import io.grpc.Status;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A watch stream with one subscription to a simulated node. Confined to the test's thread. */
final class SimulatedWatch {
    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(20).toNanos();

    private final SimulatedNode node;
    final Peer<WatchRequest, WatchResponse> peer;
    private int read;
    private long subscription;
    private String epoch = "";
    private long sent;
    private long written;
    private long beatAtNanos;

    SimulatedWatch(SimulatedNode node, Peer<WatchRequest, WatchResponse> peer) {
        this.node = node;
        this.peer = peer;
        beatAtNanos = node.now() + HEARTBEAT_NANOS;
    }

    void act() {
        while (!peer.over() && read < peer.said().size()) {
            WatchRequest request = peer.said().get(read++);
            if (request.hasHello()) {
                peer.send(Frames.welcome());
            } else if (request.hasSubscribe()) {
                answer(request.getSubscribe());
            }
        }
        if (!peer.over() && subscription != 0) {
            deliver();
            beat();
        }
    }

    private void answer(WatchSubscribe asked) {
        subscription = asked.getSubscriptionId();
        epoch = node.store.epoch();
        long from = asked.getCursor().getRevision();
        if (asked.hasCursor() && !asked.getCursor().getMark().equals(Frames.mark(from))) {
            throw new AssertionError("not the mark that came with its revision: " + asked.getCursor());
        }
        if (!asked.hasCursor()) {
            snapshot(SnapshotReason.SNAPSHOT_REASON_INITIAL);
        } else if (!asked.getCursor().getEpoch().equals(epoch)) {
            snapshot(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
        } else if (from < node.store.compacted()) {
            snapshot(SnapshotReason.SNAPSHOT_REASON_COMPACTED);
        } else {
            sent = from;
            written = from;
            if (from == node.store.head()) {
                peer.send(Frames.heartbeat(subscription, 0, node.store.cursor()));
            }
        }
    }

    private void snapshot(SnapshotReason reason) {
        Cursor at = node.store.cursor();
        List<Instance> all = new ArrayList<>(node.store.state().values());
        int cut = node.random.nextInt(all.size() + 1);
        peer.send(Frames.part(subscription, reason, at, 0, false, all.size(), all.subList(0, cut)));
        peer.send(Frames.part(subscription, reason, at, 1, true, all.size(), all.subList(cut, all.size())));
        sent = at.getRevision();
        written = sent;
    }

    private void deliver() {
        if (!epoch.equals(node.store.epoch())) {
            peer.fail(Status.UNAVAILABLE.asRuntimeException());
            return;
        }
        List<Delta> deltas = new ArrayList<>();
        for (SimulatedStore.Commit commit : node.store.commits) {
            if (commit.revision() > sent) {
                sent = commit.revision();
                if (node.deltasToLose > 0) {
                    node.deltasToLose--;
                } else {
                    deltas.add(Frames.delta(
                            commit.after(),
                            commit.revision(),
                            commit.changes().toArray(new io.registrycenter.proto.v1.Change[0])));
                    written = commit.revision();
                }
            }
        }
        if (!deltas.isEmpty()) {
            peer.send(Frames.deltas(subscription, deltas.toArray(new Delta[0])));
        }
    }

    private void beat() {
        if (!peer.over() && node.now() >= beatAtNanos) {
            beatAtNanos = node.now() + HEARTBEAT_NANOS;
            peer.send(Frames.heartbeat(0, 1, Frames.cursor(epoch, written)));
        }
    }
}
