package io.registrycenter.client.internal;

import io.grpc.Status;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SessionLost;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One server of a simulated registry: serves the streams that came to it from the shared store. Can be deaf (it neither reads
 * nor writes), killed, drained; can lose frames. Confined to the test's thread.
 */
final class SimulatedNode {

    static final Duration TTL = Duration.ofSeconds(15);
    static final Duration RECONNECT_GRACE = Duration.ofSeconds(10);
    static final Duration RESTART_GRACE = Duration.ofSeconds(30);
    private static final long WATCH_HEARTBEAT_NANOS = Duration.ofSeconds(20).toNanos();

    /** A session's stream. */
    final class SessionSeat {
        private final Peer<AttachRequest, AttachResponse> peer;
        private int read;
        private SimulatedStore.@Nullable Session session;

        SessionSeat(Peer<AttachRequest, AttachResponse> peer) {
            this.peer = peer;
        }

        void lost(String instance) {
            if (!peer.over()) {
                peer.send(Frames.lost(instance, SessionLost.Reason.REASON_REPLACED));
            }
        }

        void expired() {
            if (!peer.over()) {
                peer.send(Frames.expired());
                peer.fail(Errors.of(Status.Code.NOT_FOUND, "SESSION_EXPIRED"));
            }
        }

        private void act() {
            while (!peer.over() && read < peer.said().size()) {
                take(peer.said().get(read++));
            }
            if (peer.over()) {
                detach(RECONNECT_GRACE);
            }
        }

        private void take(AttachRequest request) {
            SimulatedStore.Session own = session;
            if (own != null && own.link == this) {
                own.untilNanos = world.timing.nanoTime() + TTL.toNanos();
            }
            switch (request.getFrameCase()) {
                case OPEN -> attach(store.open());
                case RESUME -> resume(request.getResume());
                case GOODBYE -> {
                    if (own != null) {
                        store.end(own, RemovalReason.REMOVAL_REASON_DEREGISTERED);
                    }
                    session = null;
                    peer.complete();
                }
                default -> peer.send(Frames.reply());
            }
        }

        private void resume(SessionResume resume) {
            SimulatedStore.Session known = store.sessions.get(resume.getSessionId());
            if (known == null) {
                expired();
            } else if (known.fence == resume.getFence() || known.attempt.equals(resume.getAttempt())) {
                known.fence++;
                known.attempt = resume.getAttempt();
                SessionSeat former = known.link;
                if (former != null && former != this && !former.peer.over()) {
                    former.session = null;
                    former.peer.fail(Errors.of(Status.Code.ABORTED, "FENCED"));
                }
                attach(known);
            } else {
                peer.fail(Errors.of(Status.Code.ABORTED, "FENCED"));
            }
        }

        private void attach(SimulatedStore.Session to) {
            session = to;
            to.link = this;
            to.untilNanos = world.timing.nanoTime() + TTL.toNanos();
            if (openedToLose > 0) {
                openedToLose--;
                peer.fail(Status.UNAVAILABLE.asRuntimeException());
            } else {
                peer.send(Frames.opened(to.id, to.fence));
                to.told = true;
                to.lost.forEach(this::lost);
            }
        }

        private void detach(Duration grace) {
            SimulatedStore.Session own = session;
            session = null;
            if (own != null && own.link == this) {
                own.link = null;
                own.untilNanos = world.timing.nanoTime() + grace.toNanos();
            }
        }
    }

    /** A watch stream with one subscription. */
    private final class WatchSeat {
        private final Peer<WatchRequest, WatchResponse> peer;
        private int read;
        private long subscription;
        private String epoch = "";
        private long sent;
        private long written;
        private long beatAtNanos;

        WatchSeat(Peer<WatchRequest, WatchResponse> peer) {
            this.peer = peer;
            beatAtNanos = world.timing.nanoTime() + WATCH_HEARTBEAT_NANOS;
        }

        private void act() {
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
            epoch = store.epoch();
            long from = asked.getCursor().getRevision();
            if (!asked.hasCursor()) {
                snapshot(SnapshotReason.SNAPSHOT_REASON_INITIAL);
            } else if (!asked.getCursor().getEpoch().equals(epoch)) {
                snapshot(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
            } else if (from < store.compacted()) {
                snapshot(SnapshotReason.SNAPSHOT_REASON_COMPACTED);
            } else {
                sent = from;
                written = from;
                if (from == store.head()) {
                    peer.send(Frames.heartbeat(subscription, 0, store.cursor()));
                }
            }
        }

        private void snapshot(SnapshotReason reason) {
            Cursor at = store.cursor();
            List<Instance> all = new ArrayList<>(store.state().values());
            int cut = random.nextInt(all.size() + 1);
            peer.send(Frames.part(subscription, reason, at, 0, false, all.size(), all.subList(0, cut)));
            peer.send(Frames.part(subscription, reason, at, 1, true, all.size(), all.subList(cut, all.size())));
            sent = at.getRevision();
            written = sent;
        }

        private void deliver() {
            if (!epoch.equals(store.epoch())) {
                peer.fail(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            List<Delta> deltas = new ArrayList<>();
            for (SimulatedStore.Commit commit : store.commits) {
                if (commit.revision() > sent) {
                    sent = commit.revision();
                    if (deltasToLose > 0) {
                        deltasToLose--;
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
            if (!peer.over() && world.timing.nanoTime() >= beatAtNanos) {
                beatAtNanos = world.timing.nanoTime() + WATCH_HEARTBEAT_NANOS;
                peer.send(Frames.heartbeat(0, 1, Frames.cursor(epoch, written)));
            }
        }
    }

    /** The next commits are not told. */
    int deltasToLose;

    private int openedToLose;
    private final FakeWorld world;
    private final FakeServer server;
    private final SimulatedStore store;
    private final Random random;
    private final List<SessionSeat> sessions = new ArrayList<>();
    private final List<WatchSeat> watches = new ArrayList<>();
    private boolean up = true;
    private long deafUntilNanos;
    /** 0: does not drain. */
    private long gonerAtNanos;

    SimulatedNode(FakeWorld world, FakeServer server, SimulatedStore store, Random random) {
        this.world = world;
        this.server = server;
        this.store = store;
        this.random = random;
        server.registrar = store;
        deafUntilNanos = world.timing.nanoTime();
    }

    boolean up() {
        return up;
    }

    void act() {
        seat();
        if (!up || world.timing.nanoTime() < deafUntilNanos) {
            return;
        }
        List.copyOf(sessions).forEach(SessionSeat::act);
        List.copyOf(watches).forEach(WatchSeat::act);
        if (gonerAtNanos != 0 && world.timing.nanoTime() >= gonerAtNanos) {
            gonerAtNanos = 0;
            end(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"), RESTART_GRACE);
        }
        sessions.removeIf(seat -> seat.peer.over());
        watches.removeIf(seat -> seat.peer.over());
    }

    private void seat() {
        server.sessions.forEach(peer -> sessions.add(new SessionSeat(peer)));
        server.sessions.clear();
        server.watches.forEach(peer -> watches.add(new WatchSeat(peer)));
        server.watches.clear();
    }

    /** Every stream breaks, and this server learns of it. */
    void cut() {
        end(Status.UNAVAILABLE.asRuntimeException(), RECONNECT_GRACE);
    }

    void deaf(Duration time) {
        deafUntilNanos = world.timing.nanoTime() + time.toNanos();
        store.grantAll(deafUntilNanos + TTL.toNanos());
    }

    /** The next {@code Opened} are written into streams that break. */
    void loseOpened(int count) {
        openedToLose = count;
    }

    void drain(Duration reconnectAfter) {
        seat();
        if (!up || gonerAtNanos != 0) {
            return;
        }
        gonerAtNanos = world.timing.nanoTime() + reconnectAfter.toNanos();
        for (SessionSeat seat : sessions) {
            if (!seat.peer.over()) {
                seat.peer.send(AttachResponse.newBuilder()
                        .setDrain(Frames.drain(reconnectAfter.toMillis()))
                        .build());
            }
        }
        for (WatchSeat seat : watches) {
            if (!seat.peer.over()) {
                seat.peer.send(Frames.draining(reconnectAfter.toMillis()));
            }
        }
    }

    void kill() {
        if (up) {
            up = false;
            gonerAtNanos = 0;
            end(Status.UNAVAILABLE.asRuntimeException(), RESTART_GRACE);
            store.grantAll(world.timing.nanoTime() + RESTART_GRACE.toNanos());
            server.stop();
        }
    }

    /** Nobody whose session is suspect loses the time this server was away. */
    void start() {
        if (!up) {
            up = true;
            server.start();
            store.grantAll(world.timing.nanoTime() + RESTART_GRACE.toNanos());
        }
    }

    private void end(Throwable failure, Duration grace) {
        seat();
        for (SessionSeat seat : sessions) {
            seat.detach(grace);
            if (!seat.peer.over()) {
                seat.peer.fail(failure);
            }
        }
        for (WatchSeat seat : watches) {
            if (!seat.peer.over()) {
                seat.peer.fail(failure);
            }
        }
        sessions.clear();
        watches.clear();
    }
}
