package io.registrycenter.client.internal;

import io.grpc.Status;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SessionLost;
import io.registrycenter.proto.v1.SessionResume;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A session's stream to a simulated node. Confined to the test's thread. */
final class SimulatedSession {
    private final SimulatedNode node;
    final Peer<AttachRequest, AttachResponse> peer;
    private final Deque<AttachResponse> news = new ArrayDeque<>();
    private int read;
    private SimulatedStore.@Nullable Session session;

    SimulatedSession(SimulatedNode node, Peer<AttachRequest, AttachResponse> peer) {
        this.node = node;
        this.peer = peer;
    }

    /** Told now, or a while later: the calls of the same session need not wait for it. */
    void lost(String instance, long createdRevision) {
        news.add(Frames.lost(instance, createdRevision, SessionLost.Reason.REASON_REPLACED));
        if (node.random.nextBoolean()) {
            tellNews();
        }
    }

    private void tellNews() {
        while (!news.isEmpty() && !peer.over()) {
            peer.send(news.remove());
        }
    }

    void expired() {
        if (!peer.over()) {
            peer.send(Frames.expired());
            peer.fail(Errors.of(Status.Code.NOT_FOUND, "SESSION_EXPIRED"));
        }
    }

    void act() {
        while (!peer.over() && read < peer.said().size()) {
            take(peer.said().get(read++));
        }
        if (node.random.nextInt(4) == 0) {
            tellNews();
        }
        if (peer.over()) {
            detach(SimulatedNode.RECONNECT_GRACE);
        }
    }

    private void take(AttachRequest request) {
        SimulatedStore.Session own = session;
        if (own != null && own.link == this) {
            own.untilNanos = node.now() + SimulatedNode.TTL.toNanos();
        }
        switch (request.getFrameCase()) {
            case OPEN -> attach(node.store.open());
            case RESUME -> resume(request.getResume());
            case GOODBYE -> {
                if (own != null) {
                    node.store.end(own, RemovalReason.REMOVAL_REASON_DEREGISTERED);
                }
                session = null;
                peer.complete();
            }
            default -> peer.send(Frames.reply());
        }
    }

    private void resume(SessionResume resume) {
        SimulatedStore.Session known = node.store.sessions.get(resume.getSessionId());
        if (known == null) {
            expired();
        } else if (known.fence == resume.getFence() || known.attempt.equals(resume.getAttempt())) {
            known.fence++;
            known.attempt = resume.getAttempt();
            SimulatedSession former = known.link;
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
        to.untilNanos = node.now() + SimulatedNode.TTL.toNanos();
        if (node.openedToLose > 0) {
            node.openedToLose--;
            peer.fail(Status.UNAVAILABLE.asRuntimeException());
        } else {
            peer.send(Frames.opened(to.id, to.fence));
            to.told = true;
            to.lost.forEach(this::lost);
        }
    }

    void detach(Duration grace) {
        SimulatedStore.Session own = session;
        session = null;
        if (own != null && own.link == this) {
            own.link = null;
            own.untilNanos = node.now() + grace.toNanos();
        }
    }
}
