package io.registrycenter.client.internal.watch;

import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Interest;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.PreviousClose;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchSubscribe;
import io.registrycenter.proto.v1.WatchUnsubscribe;
import org.jspecify.annotations.Nullable;

/** What the client says on a watch stream. Immutable. */
final class WatchFrames {

    private static final int MAX_DETAIL = 256;

    private WatchFrames() {}

    static WatchRequest hello(ClientInfo client, ClientSettings settings, @Nullable DisconnectReport previous) {
        WatchHello.Builder hello = WatchHello.newBuilder()
                .setClient(client)
                .setReadTimeoutMs(settings.readTimeout().toMillis());
        if (previous != null) {
            String detail = previous.detail();
            hello.setPreviousClose(PreviousClose.newBuilder()
                    .setStreamId(previous.streamId())
                    .setCause(Words.wire(previous.cause()))
                    .setIdleMs(previous.idle().toMillis())
                    .setDetail(detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL)));
        }
        return WatchRequest.newBuilder().setHello(hello).build();
    }

    static WatchRequest subscribe(long id, Interest interest, @Nullable Cursor cursor) {
        WatchSubscribe.Builder subscribe =
                WatchSubscribe.newBuilder().setSubscriptionId(id).setInterest(Words.wire(interest));
        if (cursor != null) {
            subscribe.setCursor(Words.wire(cursor));
        }
        return WatchRequest.newBuilder().setSubscribe(subscribe).build();
    }

    static WatchRequest unsubscribe(long id) {
        return WatchRequest.newBuilder()
                .setUnsubscribe(WatchUnsubscribe.newBuilder().setSubscriptionId(id))
                .build();
    }

    static WatchRequest ack(long seq, @Nullable Cursor applied) {
        WatchHeartbeatAck.Builder ack = WatchHeartbeatAck.newBuilder().setSeq(seq);
        if (applied != null) {
            ack.setApplied(Words.wire(applied));
        }
        return WatchRequest.newBuilder().setHeartbeatAck(ack).build();
    }
}
