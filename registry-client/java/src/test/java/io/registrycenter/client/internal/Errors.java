package io.registrycenter.client.internal;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;

/** Errors as the server makes them. */
final class Errors {

    private Errors() {}

    static StatusRuntimeException of(Status.Code code, String reason) {
        return of(code, reason, Duration.ZERO);
    }

    static StatusRuntimeException of(Status.Code code, String reason, Duration retryAfter) {
        com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage("for people")
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason(reason)
                        .setDomain("registrycenter.io")
                        .putMetadata("limit", "some-limit")
                        .build()));
        if (!retryAfter.isZero()) {
            status.addDetails(Any.pack(RetryInfo.newBuilder()
                    .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(retryAfter.toSeconds()))
                    .build()));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    static StatusRuntimeException badField(String field, String description) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.INVALID_ARGUMENT.value())
                .setMessage(field + " " + description)
                .addDetails(Any.pack(BadRequest.newBuilder()
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setField(field)
                                .setDescription(description))
                        .build()))
                .build());
    }
}
