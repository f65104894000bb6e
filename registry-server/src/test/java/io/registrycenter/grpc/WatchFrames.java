package io.registrycenter.grpc;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.Coalesce;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.PreviousClose;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchSubscribe;
import io.registrycenter.proto.v1.WatchUnsubscribe;

/** Requests of a watch stream with any content, in any order. Each is the next that the data makes. */
final class WatchFrames {

    private final FuzzedDataProvider data;

    WatchFrames(FuzzedDataProvider data) {
        this.data = data;
    }

    byte[] next() {
        return switch (data.consumeInt(0, 7)) {
            case 0, 1 -> request().setHello(hello()).build().toByteArray();
            case 2, 3, 4 -> request().setSubscribe(subscribe()).build().toByteArray();
            case 5 ->
                request()
                        .setUnsubscribe(WatchUnsubscribe.newBuilder().setSubscriptionId(id()))
                        .build()
                        .toByteArray();
            case 6 ->
                request()
                        .setHeartbeatAck(WatchHeartbeatAck.newBuilder()
                                .setSeq(data.consumeLong(-1, 3))
                                .setApplied(cursor()))
                        .build()
                        .toByteArray();
            default -> new byte[0];
        };
    }

    private static WatchRequest.Builder request() {
        return WatchRequest.newBuilder();
    }

    private WatchHello hello() {
        WatchHello.Builder hello = WatchHello.newBuilder();
        if (data.consumeBoolean()) {
            hello.setClient(ClientInfo.newBuilder()
                            .setName(data.consumeString(70))
                            .setVersion(data.consumeString(8))
                            .setInstance(data.consumeString(8)))
                    .setReadTimeoutMs(data.consumeInt());
        }
        if (data.consumeBoolean()) {
            hello.setPreviousClose(PreviousClose.newBuilder()
                    .setStreamId(data.consumeString(20))
                    .setCauseValue(data.consumeInt(-1, 60))
                    .setIdleMs(data.consumeInt())
                    .setDetail(data.consumeString(20)));
        }
        return hello.build();
    }

    private WatchSubscribe subscribe() {
        WatchSubscribe.Builder subscribe = WatchSubscribe.newBuilder().setSubscriptionId(id());
        if (data.consumeInt(0, 7) > 0) {
            Interest.Builder interest =
                    Interest.newBuilder().setNamespace(name()).setService(name());
            for (int i = data.consumeInt(0, 2); i > 0; i--) {
                interest.putLabels(name(), name());
            }
            subscribe.setInterest(interest);
        }
        if (data.consumeBoolean()) {
            subscribe.setCursor(cursor());
        }
        return subscribe
                .setCoalesceValue(data.consumeInt(0, Coalesce.values().length))
                .build();
    }

    /** Few, so that they meet again. */
    private long id() {
        return data.consumeInt(0, 15) == 0 ? data.consumeLong() : data.consumeLong(0, 3);
    }

    /** What the server knows, or anything. */
    private String name() {
        return data.consumeInt(0, 3) > 0
                ? data.pickValue(new String[] {FuzzedServer.NAMESPACE, FuzzedServer.SERVICE, "", "x"})
                : data.consumeString(12);
    }

    private Cursor cursor() {
        return Cursor.newBuilder()
                .setEpoch(data.consumeBoolean() ? FuzzedServer.running().epoch() : data.consumeString(10))
                .setRevision(data.consumeBoolean() ? data.consumeLong(-1, 40) : data.consumeLong())
                .build();
    }
}
