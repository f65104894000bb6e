package io.registrycenter.client.internal.wire;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rich part of an error: {@code google.rpc} messages in the trailers.
 *
 * @param reason of {@code ErrorInfo} in our domain; empty when there is none
 * @param metadata of {@code ErrorInfo}
 * @param badField first violation of {@code BadRequest}; null when there is none
 * @param retryAfter of {@code RetryInfo}, when above zero
 */
record ErrorDetails(
        String reason,
        Map<String, String> metadata,
        BadRequest.@Nullable FieldViolation badField,
        @Nullable Duration retryAfter) {

    private static final String DOMAIN = "registrycenter.io";

    static ErrorDetails of(Status status, @Nullable Metadata trailers) {
        com.google.rpc.Status rich = StatusProto.fromStatusAndTrailers(status, trailers);
        ErrorInfo info = find(rich, ErrorInfo.class);
        BadRequest bad = find(rich, BadRequest.class);
        RetryInfo retry = find(rich, RetryInfo.class);
        boolean ours = info != null && info.getDomain().equals(DOMAIN);
        return new ErrorDetails(
                info != null && ours ? info.getReason() : "",
                info != null && ours ? info.getMetadataMap() : Map.of(),
                bad == null || bad.getFieldViolationsCount() == 0 ? null : bad.getFieldViolations(0),
                retry == null ? null : positive(retry.getRetryDelay()));
    }

    private static @Nullable Duration positive(com.google.protobuf.Duration delay) {
        Duration duration = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        return duration.isZero() || duration.isNegative() ? null : duration;
    }

    private static <M extends Message> @Nullable M find(com.google.rpc.@Nullable Status rich, Class<M> type) {
        if (rich == null) {
            return null;
        }
        for (Any detail : rich.getDetailsList()) {
            if (detail.is(type)) {
                try {
                    return detail.unpack(type);
                } catch (InvalidProtocolBufferException unreadable) {
                    // A detail that cannot be read says nothing; the status code still does.
                    return null;
                }
            }
        }
        return null;
    }
}
