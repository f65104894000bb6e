package io.registrycenter.client.internal.session;

import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.SessionGoodbye;
import io.registrycenter.proto.v1.SessionHeartbeat;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionResume;
import org.jspecify.annotations.Nullable;

/** What the client says on a session stream. Immutable. */
final class SessionFrames {

    static final AttachRequest HEARTBEAT = AttachRequest.newBuilder()
            .setHeartbeat(SessionHeartbeat.getDefaultInstance())
            .build();
    static final AttachRequest GOODBYE = AttachRequest.newBuilder()
            .setGoodbye(SessionGoodbye.getDefaultInstance())
            .build();

    private SessionFrames() {}

    static AttachRequest open(long ttlMillis, ClientInfo client) {
        return AttachRequest.newBuilder()
                .setOpen(SessionOpen.newBuilder().setTtlMs(ttlMillis).setClient(client))
                .build();
    }

    static AttachRequest resume(
            String sessionId, long fence, String attempt, ClientInfo client, @Nullable Cursor newest) {
        SessionResume.Builder resume = SessionResume.newBuilder()
                .setSessionId(sessionId)
                .setFence(fence)
                .setAttempt(attempt)
                .setClient(client);
        if (newest != null) {
            resume.setCursor(newest);
        }
        return AttachRequest.newBuilder().setResume(resume).build();
    }
}
