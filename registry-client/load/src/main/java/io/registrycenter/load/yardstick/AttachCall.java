package io.registrycenter.load.yardstick;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionHeartbeatReply;
import io.registrycenter.proto.v1.SessionOpened;

/** A session stream that promises nothing: it opens and answers heartbeats. Confined to its event loop. */
final class AttachCall extends ServerCall.Listener<AttachRequest> {
    private static final int TTL_MS = 15_000;
    private static final int HEARTBEAT_MS = 5_000;
    private static final int RECONNECT_GRACE_MS = 10_000;

    private final ServerCall<AttachRequest, AttachResponse> call;

    AttachCall(ServerCall<AttachRequest, AttachResponse> call) {
        this.call = call;
        call.sendHeaders(new Metadata());
        call.request(Integer.MAX_VALUE);
    }

    @Override
    public void onMessage(AttachRequest request) {
        switch (request.getFrameCase()) {
            case OPEN ->
                call.sendMessage(AttachResponse.newBuilder()
                        .setOpened(SessionOpened.newBuilder()
                                .setSessionId("00000000-0000-0000-0000-000000000000")
                                .setFence(1)
                                .setTtlMs(TTL_MS)
                                .setHeartbeatIntervalMs(HEARTBEAT_MS)
                                .setReconnectGraceMs(RECONNECT_GRACE_MS))
                        .build());
            case HEARTBEAT ->
                call.sendMessage(AttachResponse.newBuilder()
                        .setHeartbeat(SessionHeartbeatReply.getDefaultInstance())
                        .build());
            case GOODBYE -> {
                // the half-close that follows ends the stream
            }
            default ->
                call.close(
                        Status.UNIMPLEMENTED.withDescription("the yardstick has no sessions to resume"),
                        new Metadata());
        }
    }

    @Override
    public void onHalfClose() {
        call.close(Status.OK, new Metadata());
    }
}
