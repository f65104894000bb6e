package io.registrycenter.grpc;

import io.grpc.ServerCall;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal.InvalidInput;
import io.registrycenter.proto.v1.Coalesce;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchSubscribe;
import io.registrycenter.watch.Frame;
import io.registrycenter.watch.PreviousClose;
import io.registrycenter.watch.StreamFigures;
import io.registrycenter.watch.WatchStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One watch call: checks the grammar of the stream, turns requests into words and hands them to its {@link WatchStream}.
 *
 * <p>Grammar: hello first and once; then anything but hello, in any order. Who breaks it ends the stream with
 * {@code INVALID_REQUEST}. A subscription that cannot be understood ends alone. Confined to the connection's event loop.
 */
final class WatchCall extends ServerCall.Listener<WatchRequest> implements MovableStream {

    /** Requests the client may be ahead of us. */
    static final int WINDOW = 8;

    private final ServerCall<WatchRequest, Frame> call;
    private final GrpcOutlet outlet;
    private final WatchStream stream;
    private final StreamEnding ending;
    private boolean greeted;
    private int owedRequests;
    private Runnable whenClosed = () -> {};

    WatchCall(ServerCall<WatchRequest, Frame> call, GrpcOutlet outlet, WatchStream stream, StreamEnding ending) {
        this.call = call;
        this.outlet = outlet;
        this.stream = stream;
        this.ending = ending;
    }

    /** Runs once, when the stream is over. */
    void whenClosed(Runnable listener) {
        whenClosed = listener;
    }

    @Override
    public void onMessage(WatchRequest request) {
        ending.heard();
        if (outlet.ended()) {
            return;
        }
        try {
            take(request);
        } catch (InvalidInput broken) {
            outlet.end(WireErrors.of(broken));
            stream.invalid(WireErrors.message(broken));
        } catch (RuntimeException fault) {
            outlet.end(WireErrors.of(fault));
            stream.end(CloseCause.SERVER_FAULT, "a fault of the server", Duration.ZERO);
        }
        owedRequests++;
        requestMore();
    }

    /** Who does not read our answers is not read either; the clocks of the stream stand still as long. */
    private void requestMore() {
        if (owedRequests > 0 && outlet.ready()) {
            int owed = owedRequests;
            owedRequests = 0;
            call.request(owed);
        }
    }

    private void take(WatchRequest request) {
        if (greeted == request.hasHello()) {
            throw new InvalidInput(
                    "frame",
                    WireWords.name(request.getFrameCase()),
                    greeted ? "be subscribe, unsubscribe or heartbeat_ack after hello" : "be hello first");
        }
        switch (request.getFrameCase()) {
            case HELLO -> hello(request.getHello());
            case SUBSCRIBE -> subscribe(request.getSubscribe());
            case UNSUBSCRIBE ->
                stream.unsubscribe(
                        WireWords.subscriptionId(request.getUnsubscribe().getSubscriptionId()));
            case HEARTBEAT_ACK -> acknowledged(request.getHeartbeatAck());
            case FRAME_NOT_SET ->
                throw new InvalidInput("frame", "", "be subscribe, unsubscribe or heartbeat_ack after hello");
        }
    }

    private void hello(WatchHello hello) {
        greeted = true;
        PreviousClose previous = hello.hasPreviousClose() ? WireWords.previousClose(hello.getPreviousClose()) : null;
        stream.hello(WireWords.client(hello.getClient()), previous);
        if (previous != null) {
            ending.previously(previous);
        }
    }

    private void acknowledged(WatchHeartbeatAck ack) {
        stream.acknowledge(
                ack.getSeq(), ack.hasApplied() ? WireWords.cursor("heartbeat_ack.applied", ack.getApplied()) : null);
    }

    private void subscribe(WatchSubscribe subscribe) {
        long id = WireWords.subscriptionId(subscribe.getSubscriptionId());
        Interest interest;
        @Nullable Cursor cursor;
        try {
            interest = WireWords.interest(subscribe.hasInterest(), subscribe.getInterest());
            cursor = subscribe.hasCursor() ? WireWords.cursor("cursor", subscribe.getCursor()) : null;
        } catch (InvalidInput bad) {
            stream.rejected(id, bad);
            return;
        }
        stream.subscribe(id, interest, cursor, subscribe.getCoalesce() != Coalesce.COALESCE_NEVER);
    }

    @Override
    public void ask(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        stream.ask(cause, deadline, reconnectAfter);
    }

    @Override
    public void sendAway(CloseCause cause, String message, Duration retryAfter) {
        stream.sendAway(cause, message, retryAfter);
    }

    @Override
    public void force(CloseCause cause, String message, Duration retryAfter) {
        stream.force(cause, message, retryAfter);
    }

    @Override
    public void onReady() {
        stream.ready();
        requestMore();
    }

    @Override
    public void onHalfClose() {
        stream.completed();
    }

    @Override
    public void onCancel() {
        ending.whenKnown(this::closed);
    }

    /** The end that this server wrote has left. */
    @Override
    public void onComplete() {
        closed(CloseCause.CLIENT_COMPLETED);
    }

    /** @param cause counts unless the stream knows better: then this server ended it */
    private void closed(CloseCause cause) {
        outlet.gone();
        whenClosed.run();
        CloseCause won = stream.close(cause);
        ending.ended(Disconnect.Kind.WATCH, stream.id(), won, standing());
    }

    private Disconnect.Standing standing() {
        StreamFigures last = stream.lastFigures();
        Disconnect.Phase phase = switch (last.state()) {
            case NEW -> Disconnect.Phase.HANDSHAKE;
            case OPEN, ENDING, CLOSED -> last.syncing() ? Disconnect.Phase.SYNCING : Disconnect.Phase.LIVE;
        };
        return new Disconnect.Standing(
                phase,
                last.client(),
                stream.said(),
                new Disconnect.Progress(
                        last.subscriptions(),
                        last.written(),
                        last.acknowledged(),
                        last.pendingChanges(),
                        last.pendingBytes(),
                        Duration.ofNanos(last.stalledNanos())));
    }
}
