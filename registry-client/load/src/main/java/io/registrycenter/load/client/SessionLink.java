package io.registrycenter.load.client;

import static io.registrycenter.load.wire.ProtoWalker.path;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.util.concurrent.ScheduledFuture;
import io.registrycenter.load.wire.Call;
import io.registrycenter.load.wire.Connection;
import io.registrycenter.load.wire.Ending;
import io.registrycenter.load.wire.Framed;
import io.registrycenter.load.wire.Method;
import io.registrycenter.load.wire.ProtoWalker.Visit;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.SessionGoodbye;
import io.registrycenter.proto.v1.SessionHeartbeat;
import io.registrycenter.proto.v1.SessionOpen;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A session, kept alive by heartbeats at the server's interval until it is left. Confined to the connection's loop. */
final class SessionLink extends Call {
    private static final int OPENED = path(1);
    private static final int OPENED_SESSION = path(1, 1);
    private static final int OPENED_HEARTBEAT_MS = path(1, 4);

    private final Connection connection;
    private final EventLoop loop;
    private final CompletableFuture<String> opened = new CompletableFuture<>();
    private String sessionId = "";
    private long heartbeatMs;
    private long heartbeatsSent;
    private String fault = "";
    private @Nullable ScheduledFuture<?> heartbeats;

    private SessionLink(Connection connection, EventLoop loop) {
        this.connection = connection;
        this.loop = loop;
    }

    /** Opens a session; completes with its link, exceptionally when the server refuses. On the loop. */
    static CompletableFuture<SessionLink> open(Connection connection, EventLoop loop) {
        SessionLink link = new SessionLink(connection, loop);
        AttachRequest open = AttachRequest.newBuilder()
                .setOpen(SessionOpen.getDefaultInstance())
                .build();
        connection.call(Method.ATTACH, link, Framed.of(open), false);
        return link.opened.thenApply(id -> link);
    }

    String sessionId() {
        return sessionId;
    }

    /**
     * Heartbeats sent so far.
     *
     * @throws IllegalStateException when the session's stream has ended
     */
    long heartbeats() {
        if (!fault.isEmpty()) {
            throw new IllegalStateException("a session has ended: " + fault);
        }
        return heartbeatsSent;
    }

    /** Says goodbye: the server takes the session's instances out. */
    void goodbye() {
        stopHeartbeats();
        AttachRequest goodbye = AttachRequest.newBuilder()
                .setGoodbye(SessionGoodbye.getDefaultInstance())
                .build();
        connection.send(this, Framed.of(goodbye), true);
    }

    @Override
    public Visit visit(int path, int length) {
        if (path == OPENED) {
            return Visit.ENTER;
        }
        return path == OPENED_SESSION ? Visit.CAPTURE : Visit.SKIP;
    }

    @Override
    public void number(int path, long value) {
        if (path == OPENED_HEARTBEAT_MS) {
            heartbeatMs = value;
        }
    }

    @Override
    public void captured(int path, byte[] bytes) {
        sessionId = new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void leave(int path) {
        if (path == OPENED && !opened.isDone()) {
            heartbeats = loop.scheduleAtFixedRate(this::heartbeat, heartbeatMs, heartbeatMs, TimeUnit.MILLISECONDS);
            opened.complete(sessionId);
        }
    }

    private void heartbeat() {
        AttachRequest heartbeat = AttachRequest.newBuilder()
                .setHeartbeat(SessionHeartbeat.getDefaultInstance())
                .build();
        connection.send(this, Framed.of(heartbeat), false);
        heartbeatsSent++;
    }

    private void stopHeartbeats() {
        if (heartbeats != null) {
            heartbeats.cancel(false);
        }
    }

    @Override
    protected void messageEnd() {}

    @Override
    protected void ended(Ending ending) {
        stopHeartbeats();
        fault = ending.toString();
        opened.completeExceptionally(new IllegalStateException("no session: " + ending));
    }
}
