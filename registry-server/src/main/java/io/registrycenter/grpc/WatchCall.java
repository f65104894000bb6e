package io.registrycenter.grpc;

import io.grpc.ServerCall;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal;
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
final class WatchCall extends StreamCall<WatchRequest> {

    /** Requests the client may be ahead of us. */
    static final int WINDOW = 8;

    private final GrpcOutlet outlet;
    private final WatchStream stream;
    private final ReadTimeouts readTimeouts;
    private boolean greeted;

    WatchCall(
            ServerCall<WatchRequest, Frame> call,
            GrpcOutlet outlet,
            WatchStream stream,
            StreamEnding ending,
            ReadTimeouts readTimeouts) {
        super(call, ending);
        this.outlet = outlet;
        this.stream = stream;
        this.readTimeouts = readTimeouts;
    }

    @Override
    void take(WatchRequest request) {
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
                stream.unsubscribe(WireWords.subscriptionId(
                        "unsubscribe.subscription_id", request.getUnsubscribe().getSubscriptionId()));
            case HEARTBEAT_ACK -> acknowledged(request.getHeartbeatAck());
            case FRAME_NOT_SET ->
                throw new InvalidInput("frame", "", "be subscribe, unsubscribe or heartbeat_ack after hello");
        }
    }

    private void hello(WatchHello hello) {
        greeted = true;
        PreviousClose previous = hello.hasPreviousClose() ? WireWords.previousClose(hello.getPreviousClose()) : null;
        ClientInfo client = WireWords.client("hello.client", hello.getClient());
        readTimeouts.check(
                client, Duration.ofMillis(WireWords.notNegative("hello.read_timeout_ms", hello.getReadTimeoutMs())));
        stream.hello(client, previous, previous == null ? null : ending().known(previous));
        if (previous != null) {
            ending().previously(previous);
        }
    }

    private void acknowledged(WatchHeartbeatAck ack) {
        stream.acknowledge(
                ack.getSeq(), ack.hasApplied() ? WireWords.cursor("heartbeat_ack.applied", ack.getApplied()) : null);
    }

    private void subscribe(WatchSubscribe subscribe) {
        long id = WireWords.subscriptionId("subscribe.subscription_id", subscribe.getSubscriptionId());
        Interest interest;
        @Nullable Cursor cursor;
        try {
            interest = WireWords.interest("subscribe.interest", subscribe.hasInterest(), subscribe.getInterest());
            cursor = subscribe.hasCursor() ? WireWords.cursor("subscribe.cursor", subscribe.getCursor()) : null;
        } catch (Refusal refusal) {
            stream.rejected(id, refusal);
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
    public boolean hasLadder() {
        return true;
    }

    @Override
    public boolean ladderJudges() {
        return stream.isHeldBack();
    }

    @Override
    public void onReady() {
        stream.ready();
        super.onReady();
    }

    @Override
    public void onHalfClose() {
        stream.completed();
    }

    @Override
    void fail(RuntimeException why, CloseCause cause) {
        outlet.end(WireErrors.of(why));
        stream.end(cause, String.valueOf(why.getMessage()), Duration.ZERO);
    }

    @Override
    boolean ended() {
        return outlet.ended();
    }

    @Override
    CloseCause close(CloseCause heard) {
        outlet.gone();
        return stream.close(heard);
    }

    @Override
    Disconnect.Kind kind() {
        return Disconnect.Kind.WATCH;
    }

    @Override
    String id() {
        return stream.id();
    }

    @Override
    Disconnect.Standing standing() {
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
