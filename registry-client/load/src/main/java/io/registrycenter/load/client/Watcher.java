package io.registrycenter.load.client;

import static io.registrycenter.load.wire.ProtoWalker.path;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.registrycenter.load.wire.Call;
import io.registrycenter.load.wire.Connection;
import io.registrycenter.load.wire.Ending;
import io.registrycenter.load.wire.Framed;
import io.registrycenter.load.wire.Method;
import io.registrycenter.load.wire.ProtoWalker.Visit;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One watch stream with one subscription: reads the chain of revisions and nothing of the instances, answers
 * heartbeats, and resumes from its cursor when it is opened again. Confined to its connection's event loop.
 */
final class Watcher extends Call {
    private static final int SUBSCRIPTION_ID = 1;
    private static final int READ_TIMEOUT_MS = 90_000;
    private static final int RESPONSE_SUBSCRIPTION = path(1);
    private static final int SNAPSHOT = path(3);
    private static final int SNAPSHOT_CURSOR = path(3, 2);
    private static final int SNAPSHOT_EPOCH = path(3, 2, 1);
    private static final int SNAPSHOT_REVISION = path(3, 2, 2);
    private static final int SNAPSHOT_LAST = path(3, 5);
    private static final int HEARTBEAT = path(4);
    private static final int HEARTBEAT_SEQ = path(4, 1);
    private static final int HEARTBEAT_CURSOR = path(4, 2);
    private static final int HEARTBEAT_EPOCH = path(4, 2, 1);
    private static final int HEARTBEAT_REVISION = path(4, 2, 2);
    private static final int SUBSCRIPTION_ENDED = path(6);
    private static final int ENDED_CAUSE = path(6, 1);
    private static final int DELTA = path(7);
    private static final int DELTA_AFTER = path(7, 1);
    private static final int DELTA_REVISION = path(7, 2);
    private static final int DELTA_CHANGE = path(7, 3);

    private final Tally tally;
    private final String namespace;
    private final String service;
    private @Nullable Connection connection;
    private String epoch = "";
    private long applied;
    private boolean answered;
    private boolean cutting;

    private long subscription;
    private long after;
    private long revision;
    private int changes;
    private long seq;
    private boolean last;
    private boolean heartbeat;

    Watcher(Tally tally, String namespace, String service) {
        this.tally = tally;
        this.namespace = namespace;
        this.service = service;
    }

    /** Subscribes on this connection, from the cursor when there is one. */
    void open(Connection on) {
        connection = on;
        answered = false;
        cutting = false;
        WatchSubscribe.Builder subscribe = WatchSubscribe.newBuilder()
                .setSubscriptionId(SUBSCRIPTION_ID)
                .setInterest(Interest.newBuilder().setNamespace(namespace).setService(service));
        if (!epoch.isEmpty()) {
            subscribe.setCursor(Cursor.newBuilder().setEpoch(epoch).setRevision(applied));
        }
        ByteBuf first = Framed.of(
                WatchRequest.newBuilder()
                        .setHello(WatchHello.newBuilder().setReadTimeoutMs(READ_TIMEOUT_MS))
                        .build(),
                WatchRequest.newBuilder().setSubscribe(subscribe).build());
        on.call(Method.WATCH, this, first, false);
    }

    /** The connection is about to be cut by us: its end is no fault. */
    void cutting() {
        cutting = true;
    }

    long applied() {
        return applied;
    }

    @Override
    public Visit visit(int path, int length) {
        if (path == DELTA) {
            after = 0;
            revision = 0;
            changes = 0;
            return Visit.ENTER;
        }
        if (path == DELTA_CHANGE) {
            changes++;
            return Visit.SKIP;
        }
        if (path == SNAPSHOT || path == SNAPSHOT_CURSOR || path == HEARTBEAT_CURSOR || path == SUBSCRIPTION_ENDED) {
            return Visit.ENTER;
        }
        if (path == HEARTBEAT) {
            heartbeat = true;
            return Visit.ENTER;
        }
        return path == SNAPSHOT_EPOCH || path == HEARTBEAT_EPOCH ? Visit.CAPTURE : Visit.SKIP;
    }

    @Override
    public void number(int path, long value) {
        if (path == DELTA_AFTER) {
            after = value;
        } else if (path == DELTA_REVISION || path == SNAPSHOT_REVISION || path == HEARTBEAT_REVISION) {
            revision = value;
        } else if (path == RESPONSE_SUBSCRIPTION) {
            subscription = value;
        } else if (path == SNAPSHOT_LAST) {
            last = value != 0;
        } else if (path == HEARTBEAT_SEQ) {
            seq = value;
        } else if (path == ENDED_CAUSE) {
            tally.fault("subscription ended, close cause " + value);
        }
    }

    @Override
    public void captured(int path, byte[] bytes) {
        epoch = new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void leave(int path) {
        if (path == DELTA) {
            tally.delta(after, applied, revision, changes);
            advance(revision);
            answer();
        }
    }

    @Override
    protected void messageEnd() {
        tally.message();
        if (last) {
            advance(revision);
            answer();
        } else if (heartbeat) {
            heartbeat();
        }
        subscription = 0;
        revision = 0;
        seq = 0;
        last = false;
        heartbeat = false;
    }

    private void heartbeat() {
        if (subscription != 0) {
            answer();
        }
        if (answered) {
            advance(Math.max(applied, revision));
        }
        if (seq != 0 && connection != null) {
            WatchHeartbeatAck.Builder ack = WatchHeartbeatAck.newBuilder()
                    .setSeq(seq)
                    .setApplied(Cursor.newBuilder().setEpoch(epoch).setRevision(applied));
            connection.send(
                    this,
                    Framed.of(WatchRequest.newBuilder().setHeartbeatAck(ack).build()),
                    false);
        }
    }

    private void advance(long to) {
        long from = applied;
        applied = to;
        tally.advanced(from, to);
    }

    private void answer() {
        if (!answered) {
            answered = true;
            tally.answered();
        }
    }

    @Override
    protected void ended(Ending ending) {
        connection = null;
        if (answered) {
            tally.watcherCut();
        }
        answered = false;
        if (!cutting) {
            tally.watcherLost(ending);
        }
    }
}
