package io.registrycenter.load.yardstick;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** One register call: bytes into a map, bytes back. Confined to its event loop. */
final class RegisterCall extends ServerCall.Listener<Payload> {
    private final ServerCall<Payload, Payload> call;
    private final YardstickState state;
    private @Nullable Payload request;

    RegisterCall(ServerCall<Payload, Payload> call, YardstickState state) {
        this.call = call;
        this.state = state;
        call.request(2);
    }

    @Override
    public void onMessage(Payload message) {
        request = message;
    }

    @Override
    public void onHalfClose() {
        if (request == null) {
            call.close(Status.INVALID_ARGUMENT.withDescription("no message"), new Metadata());
            return;
        }
        Encoded.Registration registration = Encoded.registration(request.single());
        Topic.Written written = state.topic(registration.service()).put(registration);
        byte[] cursor = Encoded.cursor(state.epoch(), written.revision());
        call.sendHeaders(new Metadata());
        call.sendMessage(Payload.of(Encoded.registerResponse(cursor, written.stored())));
        call.close(Status.OK, new Metadata());
    }
}
