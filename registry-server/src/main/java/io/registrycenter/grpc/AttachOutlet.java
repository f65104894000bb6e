package io.registrycenter.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionExpired;
import io.registrycenter.proto.v1.SessionHeartbeatReply;
import io.registrycenter.proto.v1.SessionLost;
import io.registrycenter.proto.v1.SessionOpened;
import io.registrycenter.session.Loss;
import io.registrycenter.session.Opened;
import io.registrycenter.session.SessionEnd;
import io.registrycenter.session.SessionOutlet;
import io.registrycenter.watch.StreamEnd;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way out to the client of one session link. Confined to {@link #executor()}, the event loop of its connection.
 *
 * <p>What it sends is bounded by what the client asks: {@link SessionCall} takes no request while the transport is full.
 */
final class AttachOutlet implements SessionOutlet {

    private final ServerCall<?, AttachResponse> call;
    private final Executor loop;
    private final StreamStatus transport;
    private final Duration resetAfter;
    private boolean ended;
    private @Nullable Future<?> reset;
    private @Nullable CloseCause cause;
    private String said = "";

    /**
     * @param transport of the call; it is reached when the call itself has no more to say
     * @param resetAfter how long the end of the stream may take to get through
     */
    AttachOutlet(ServerCall<?, AttachResponse> call, Executor loop, StreamStatus transport, Duration resetAfter) {
        this.call = call;
        this.loop = loop;
        this.transport = transport;
        this.resetAfter = resetAfter;
    }

    @Override
    public Executor executor() {
        return loop;
    }

    @Override
    public String peer() {
        return transport.connection().peer();
    }

    @Override
    public void opened(Opened opened) {
        send(AttachResponse.newBuilder()
                .setOpened(SessionOpened.newBuilder()
                        .setSessionId(opened.sessionId())
                        .setFence(opened.fence())
                        .setTtlMs(opened.ttl().toMillis())
                        .setHeartbeatIntervalMs(opened.heartbeatInterval().toMillis())
                        .setReconnectGraceMs(opened.reconnectGrace().toMillis())
                        .setRestartGraceMs(opened.restartGrace().toMillis())
                        .setOtherHistory(opened.otherHistory())));
    }

    @Override
    public void heartbeat(Cursor cursor) {
        send(AttachResponse.newBuilder()
                .setHeartbeat(SessionHeartbeatReply.newBuilder().setCursor(WordsWire.cursor(cursor))));
    }

    @Override
    public void lost(InstanceKey key, Loss loss) {
        send(AttachResponse.newBuilder()
                .setLost(SessionLost.newBuilder()
                        .setNamespace(key.namespace())
                        .setService(key.service())
                        .setInstanceId(key.id())
                        .setCreatedRevision(loss.createdRevision())
                        .setReason(
                                switch (loss.reason()) {
                                    case REPLACED -> SessionLost.Reason.REASON_REPLACED;
                                    case ADMIN -> SessionLost.Reason.REASON_ADMIN;
                                })));
    }

    @Override
    public void drain(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        send(AttachResponse.newBuilder().setDrain(WordsWire.drain(cause, deadline, reconnectAfter)));
    }

    @Override
    public void expired(CloseCause cause) {
        send(AttachResponse.newBuilder().setExpired(SessionExpired.newBuilder().setCause(WordsWire.closeCause(cause))));
    }

    @Override
    public void end(SessionEnd end) {
        if (end.cause() == CloseCause.CLIENT_COMPLETED) {
            close(Status.OK, new Metadata(), end.cause());
        } else if (end.refusal() != null) {
            end(WireErrors.of(end.refusal()), end.cause());
        } else {
            end(WireErrors.of(new StreamEnd(end.cause(), end.message(), end.retryAfter(), Map.of())), end.cause());
        }
    }

    void end(StatusRuntimeException why, CloseCause because) {
        Metadata trailers = why.getTrailers();
        close(why.getStatus(), trailers == null ? new Metadata() : trailers, because);
    }

    /** The client or the transport ended the call: nothing gets out any more. */
    void gone() {
        ended = true;
        if (reset != null) {
            reset.cancel(false);
            reset = null;
        }
    }

    boolean ended() {
        return ended;
    }

    /** Why this server ended the call; null: it did not. */
    @Nullable
    CloseCause cause() {
        return cause;
    }

    /** An end that was planned did not get through: it was this instead. */
    void force(CloseCause instead) {
        if (cause == CloseCause.DRAINING) {
            cause = instead;
        }
    }

    /** Also after {@link #end}, when the call takes no more orders. */
    void reset() {
        transport.reset();
    }

    /** What the client was told about the end; empty: nothing. */
    String said() {
        return said;
    }

    private void close(Status status, Metadata trailers, CloseCause because) {
        if (!ended) {
            ended = true;
            cause = because;
            said = status.getDescription() == null ? "" : status.getDescription();
            call.close(status, trailers);
            if (because != CloseCause.DRAINING) {
                resetLater();
            }
        }
    }

    /** An end that waits behind what the client does not take is no end. A drain has a deadline of its own for those. */
    private void resetLater() {
        try {
            reset = transport
                    .connection()
                    .channel()
                    .eventLoop()
                    .schedule(this::reset, resetAfter.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException shutDown) {
            // The event loops end, and every connection with them.
            reset = null;
        }
    }

    private void send(AttachResponse.Builder response) {
        if (!ended) {
            call.sendMessage(response.build());
        }
    }
}
