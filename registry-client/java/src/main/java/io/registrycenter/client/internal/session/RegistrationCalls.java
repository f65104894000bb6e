package io.registrycenter.client.internal.session;

import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.link.UnaryCalls;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sends an intent as the unary call it stands for. Confined to the serial executor. */
final class RegistrationCalls {

    private final UnaryCalls calls;

    RegistrationCalls(UnaryCalls calls) {
        this.calls = calls;
    }

    /** @param answer called once, on the serial executor, with either */
    void send(
            Intent intent,
            InstanceKey key,
            String sessionId,
            String target,
            BiConsumer<@Nullable Accepted, @Nullable RegistryException> answer) {
        switch (intent.kind()) {
            case PUT ->
                calls.call(
                        target,
                        RegistrationServiceGrpc.getRegisterMethod(),
                        RegisterRequest.newBuilder()
                                .setNamespace(key.namespace())
                                .setService(key.service())
                                .setInstance(Words.wire(intent.payload()))
                                .setSessionId(sessionId)
                                .setRequestId(intent.requestId())
                                .build(),
                        answer(
                                response -> new Accepted(
                                        Words.cursor(response.getCursor()),
                                        response.getInstance().getCreatedRevision()),
                                answer));
            case STATUS ->
                calls.call(
                        target,
                        RegistrationServiceGrpc.getUpdateStatusMethod(),
                        status(intent, key, sessionId),
                        answer(response -> new Accepted(Words.cursor(response.getCursor()), 0), answer));
            case REMOVE ->
                calls.call(
                        target,
                        RegistrationServiceGrpc.getDeregisterMethod(),
                        removal(intent, key, sessionId),
                        answer(response -> new Accepted(Words.cursor(response.getCursor()), 0), answer));
        }
    }

    private static UpdateStatusRequest status(Intent intent, InstanceKey key, String sessionId) {
        UpdateStatusRequest.Builder request = UpdateStatusRequest.newBuilder()
                .setNamespace(key.namespace())
                .setService(key.service())
                .setInstanceId(key.id())
                .setSessionId(sessionId)
                .setStatus(Words.wire(intent.payload().status()))
                .setRequestId(intent.requestId());
        if (intent.registration() != null) {
            request.setRegistration(Words.wire(intent.registration()));
        }
        return request.build();
    }

    private static DeregisterRequest removal(Intent intent, InstanceKey key, String sessionId) {
        DeregisterRequest.Builder request = DeregisterRequest.newBuilder()
                .setNamespace(key.namespace())
                .setService(key.service())
                .setInstanceId(key.id())
                .setSessionId(sessionId)
                .setRequestId(intent.requestId());
        if (intent.registration() != null) {
            request.setRegistration(Words.wire(intent.registration()));
        }
        return request.build();
    }

    private static <R> UnaryCalls.Answer<R> answer(
            Function<R, Accepted> accepted, BiConsumer<@Nullable Accepted, @Nullable RegistryException> answer) {
        return new UnaryCalls.Answer<>() {
            @Override
            public void response(R response) {
                answer.accept(accepted.apply(response), null);
            }

            @Override
            public void failure(RegistryException failure) {
                answer.accept(null, failure);
            }
        };
    }
}
