package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.link.UnaryCalls;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.DeregisterResponse;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import io.registrycenter.proto.v1.UpdateStatusResponse;
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
            BiConsumer<@Nullable Cursor, @Nullable RegistryException> answer) {
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
                        answer(RegisterResponse::getCursor, answer));
            case STATUS ->
                calls.call(
                        target,
                        RegistrationServiceGrpc.getUpdateStatusMethod(),
                        UpdateStatusRequest.newBuilder()
                                .setNamespace(key.namespace())
                                .setService(key.service())
                                .setInstanceId(key.id())
                                .setSessionId(sessionId)
                                .setStatus(Words.wire(intent.payload().status()))
                                .setRequestId(intent.requestId())
                                .build(),
                        answer(UpdateStatusResponse::getCursor, answer));
            case REMOVE ->
                calls.call(
                        target,
                        RegistrationServiceGrpc.getDeregisterMethod(),
                        DeregisterRequest.newBuilder()
                                .setNamespace(key.namespace())
                                .setService(key.service())
                                .setInstanceId(key.id())
                                .setSessionId(sessionId)
                                .setRequestId(intent.requestId())
                                .build(),
                        answer(DeregisterResponse::getCursor, answer));
        }
    }

    private static <R> UnaryCalls.Answer<R> answer(
            Function<R, io.registrycenter.proto.v1.Cursor> cursor,
            BiConsumer<@Nullable Cursor, @Nullable RegistryException> answer) {
        return new UnaryCalls.Answer<>() {
            @Override
            public void response(R response) {
                answer.accept(Words.cursor(cursor.apply(response)), null);
            }

            @Override
            public void failure(RegistryException failure) {
                answer.accept(null, failure);
            }
        };
    }
}
