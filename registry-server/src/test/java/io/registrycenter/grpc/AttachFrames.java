package io.registrycenter.grpc;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.SessionGoodbye;
import io.registrycenter.proto.v1.SessionHeartbeat;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionResume;

/** Requests of an attach stream with any content, in any order. Each is the next that the data makes. */
final class AttachFrames {

    private final FuzzedDataProvider data;

    AttachFrames(FuzzedDataProvider data) {
        this.data = data;
    }

    byte[] next() {
        AttachRequest.Builder request = AttachRequest.newBuilder();
        switch (data.consumeInt(0, 6)) {
            case 0 -> request.setOpen(SessionOpen.newBuilder().setTtlMs(ttl()).setClient(client()));
            case 1, 2 ->
                request.setResume(SessionResume.newBuilder()
                        .setSessionId(sessionId())
                        .setFence(data.consumeLong(-1, 3))
                        .setAttempt(data.consumeString(8))
                        .setClient(client()));
            case 3, 4 -> request.setHeartbeat(SessionHeartbeat.getDefaultInstance());
            case 5 -> request.setGoodbye(SessionGoodbye.getDefaultInstance());
            default -> {
                // No frame at all.
            }
        }
        return request.build().toByteArray();
    }

    private int ttl() {
        return data.consumeBoolean() ? 0 : data.consumeInt();
    }

    private String sessionId() {
        return data.consumeBoolean() ? FuzzedServer.running().sessionId() : data.consumeString(40);
    }

    private ClientInfo client() {
        return ClientInfo.newBuilder().setName(data.consumeString(8)).build();
    }
}
