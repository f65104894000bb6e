package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.part;
import static io.registrycenter.client.internal.Frames.put;
import static io.registrycenter.client.internal.Frames.removal;
import static io.registrycenter.client.internal.Frames.welcome;

import io.registrycenter.proto.v1.Change;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The history of one service, and a stream that serves it by the contract as long as it is not told to break it: frames are
 * lost, repeated, cut. Revisions have gaps.
 */
final class ModelServer {

    private record Commit(long after, long revision, List<Change> changes) {}

    private final Random random;
    private final FakeServer server;
    private final List<Commit> commits = new ArrayList<>();
    private final TreeMap<Long, Map<String, Instance>> states = new TreeMap<>();
    private long compacted;
    private long subscription;
    private long sent;
    /** What was truly written: a heartbeat never claims what was lost. */
    private long written;

    ModelServer(Random random, FakeServer server) {
        this.random = random;
        this.server = server;
        states.put(1L, new TreeMap<>());
    }

    private long head() {
        return states.lastKey();
    }

    Map<String, Instance> stateAt(long revision) {
        return states.floorEntry(revision).getValue();
    }

    void commit() {
        long revision = head() + 1 + random.nextInt(3);
        Map<String, Instance> state = new TreeMap<>(stateAt(head()));
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(2); i++) {
            String id = "i" + (2 * random.nextInt(4) + i);
            if (state.containsKey(id) && random.nextBoolean()) {
                state.remove(id);
                changes.add(removal(id, RemovalReason.REMOVAL_REASON_DEREGISTERED));
            } else {
                Instance instance = Frames.instance(id, revision);
                state.put(id, instance);
                changes.add(put(instance));
            }
        }
        commits.add(new Commit(head(), revision, changes));
        states.put(revision, state);
    }

    void compact() {
        compacted = head();
    }

    private Peer<WatchRequest, WatchResponse> peer() {
        return server.watch();
    }

    boolean connected() {
        return !server.watches.isEmpty() && !peer().over();
    }

    void cut() {
        if (connected()) {
            peer().fail(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        }
    }

    /** Answers a subscription that has no answer yet. */
    void answer() {
        WatchSubscribe newest = null;
        for (WatchRequest request : peer().said()) {
            newest = request.hasSubscribe() ? request.getSubscribe() : newest;
        }
        if (newest == null || newest.getSubscriptionId() == subscription) {
            return;
        }
        subscription = newest.getSubscriptionId();
        peer().send(welcome());
        long from = newest.getCursor().getRevision();
        if (newest.hasCursor() && !newest.getCursor().equals(cursor(Frames.EPOCH, from))) {
            throw new AssertionError("not the mark that came with its revision: " + newest.getCursor());
        }
        if (!newest.hasCursor()) {
            snapshot(SnapshotReason.SNAPSHOT_REASON_INITIAL);
        } else if (from < compacted) {
            snapshot(SnapshotReason.SNAPSHOT_REASON_COMPACTED);
        } else {
            sent = from;
            written = from;
            if (from == head()) {
                peer().send(Frames.heartbeat(subscription, 0, cursor(Frames.EPOCH, from)));
            } else if (random.nextInt(3) == 0) {
                coalesced(from);
            } else {
                deliver();
            }
        }
    }

    private void snapshot(SnapshotReason reason) {
        List<Instance> all = new ArrayList<>(stateAt(head()).values());
        int cutAt = random.nextInt(all.size() + 1);
        peer().send(part(
                subscription, reason, cursor(Frames.EPOCH, head()), 0, false, all.size(), all.subList(0, cutAt)));
        if (random.nextInt(8) == 0) {
            cut();
            return;
        }
        peer().send(part(
                subscription,
                reason,
                cursor(Frames.EPOCH, head()),
                1,
                true,
                all.size(),
                all.subList(cutAt, all.size())));
        sent = head();
        written = sent;
    }

    private void coalesced(long from) {
        Map<String, Change> newest = new LinkedHashMap<>();
        // It may begin before the cursor, as a shared encoding does.
        long begin = Math.max(compacted, random.nextBoolean() ? from : Math.max(1, from - 5));
        for (Commit commit : commits) {
            if (commit.revision() > begin) {
                for (Change change : commit.changes()) {
                    newest.put(
                            change.hasPut()
                                    ? change.getPut().getId()
                                    : change.getRemoval().getInstanceId(),
                            change);
                }
            }
        }
        peer().send(deltas(
                subscription,
                Delta.newBuilder()
                        .setMark(Frames.mark(head()))
                        .setAfter(begin)
                        .setRevision(head())
                        .addAllChanges(newest.values())
                        .setCoalesced(true)
                        .build()));
        sent = head();
        written = sent;
    }

    /** Sends some of what is missing, some of it again. */
    void deliver() {
        List<Delta> frame = new ArrayList<>();
        int budget = 1 + random.nextInt(4);
        for (Commit commit : commits) {
            boolean again = commit.revision() <= sent && commit.revision() > compacted && random.nextInt(6) == 0;
            if ((commit.revision() > sent && budget-- > 0) || (again && frame.isEmpty())) {
                frame.add(Frames.delta(
                        commit.after(), commit.revision(), commit.changes().toArray(new Change[0])));
                sent = Math.max(sent, commit.revision());
            }
        }
        if (!frame.isEmpty()) {
            peer().send(deltas(subscription, frame.toArray(new Delta[0])));
            written = Math.max(written, frame.get(frame.size() - 1).getRevision());
        }
    }

    /** Forgets to send a commit: the client has to notice. */
    void lose() {
        commits.stream()
                .mapToLong(Commit::revision)
                .filter(revision -> revision > sent)
                .findFirst()
                .ifPresent(next -> {
                    if (next < head()) {
                        sent = next;
                    }
                });
    }

    void heartbeat() {
        peer().send(Frames.heartbeat(0, 7, cursor(Frames.EPOCH, written)));
    }

    boolean atHead() {
        return sent == head();
    }
}
