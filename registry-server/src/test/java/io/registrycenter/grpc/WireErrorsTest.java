package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.watch.StreamEnd;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WireErrorsTest {

    @Test
    void invalidInput_isInvalidArgument_namingFieldValueAndRule() {
        StatusRuntimeException error =
                WireErrors.of(new Refusal.InvalidInput("instance.endpoints[1].port", "70000", "be 1..65535"));

        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(info(error).getReason()).isEqualTo("INVALID_REQUEST");
        assertThat(info(error).getDomain()).isEqualTo("registrycenter.io");
        BadRequest.FieldViolation violation =
                detail(error, BadRequest.getDefaultInstance()).getFieldViolations(0);
        assertThat(violation.getField()).isEqualTo("instance.endpoints[1].port");
        assertThat(violation.getDescription()).contains("70000").contains("1..65535");
    }

    @Test
    void sessionUnknown_isNotFound() {
        StatusRuntimeException error = WireErrors.of(new Refusal.SessionUnknown());
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(info(error).getReason()).isEqualTo("SESSION_EXPIRED");
    }

    @Test
    void notHolder_isFailedPrecondition() {
        StatusRuntimeException error = WireErrors.of(new Refusal.NotHolder(new InstanceKey("shop", "orders", "o1")));
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(info(error).getReason()).isEqualTo("NOT_HOLDER");
    }

    @Test
    void fenced_isAborted() {
        StatusRuntimeException error = WireErrors.of(new Refusal.Fenced(3, 5));
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(info(error).getReason()).isEqualTo("FENCED");
        assertThat(info(error).getMetadataMap()).containsEntry("given", "3").containsEntry("current", "5");
    }

    @Test
    void limitOfASize_isResourceExhausted_withoutRetry() {
        StatusRuntimeException error =
                WireErrors.of(new Refusal.LimitExceeded("instance-bytes", "instance", 16_384, 20_000));
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(info(error).getMetadataMap())
                .containsEntry("limit", "instance-bytes")
                .containsEntry("allowed", "16384")
                .containsEntry("value", "20000");
        assertThat(find(error, RetryInfo.getDefaultInstance())).isNull();
    }

    @Test
    void limitOfACount_saysWhenToRetry() {
        StatusRuntimeException error =
                WireErrors.of(new Refusal.LimitExceeded("instances-per-service", 10, 11, Duration.ofMillis(2_500)));
        RetryInfo retry = detail(error, RetryInfo.getDefaultInstance());
        assertThat(retry.getRetryDelay().getSeconds()).isEqualTo(2);
        assertThat(retry.getRetryDelay().getNanos()).isEqualTo(500_000_000);
    }

    @Test
    void unavailable_carriesItsCause_alsoThroughAFuture() {
        StatusRuntimeException error = WireErrors.of(new CompletionException(
                new Refusal.Unavailable(CloseCause.SERVER_BEHIND, "behind", Duration.ofSeconds(1))));
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(info(error).getReason()).isEqualTo("SERVER_BEHIND");
        assertThat(find(error, RetryInfo.getDefaultInstance())).isNotNull();
    }

    @Test
    void fault_isInternal_andKeepsItsMessageToItself() {
        StatusRuntimeException error = WireErrors.of(new IllegalStateException("password=hunter2"));
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(info(error).getReason()).isEqualTo("SERVER_FAULT");
        assertThat(String.valueOf(error.getTrailers())).doesNotContain("hunter2");
        assertThat(error.getStatus().getDescription()).doesNotContain("hunter2");
    }

    @Test
    void longTexts_stayBelowEightKibibytes() {
        String longText = "漢\"%".repeat(3_000);
        Map<Long, Cursor> cursors = new HashMap<>();
        for (long id = 1; id <= 1_000; id++) {
            cursors.put(Long.MAX_VALUE - id, new Cursor("e".repeat(64), Long.MAX_VALUE - id));
        }
        assertThat(bytes(WireErrors.of(new Refusal.InvalidInput(longText, longText, longText))))
                .isLessThan(WireErrors.MAX_BYTES);
        assertThat(bytes(WireErrors.of(
                        new StreamEnd(CloseCause.SLOW_CONSUMER, longText, Duration.ofSeconds(5), cursors))))
                .isLessThan(WireErrors.MAX_BYTES);
    }

    @Test
    void streamEnd_carriesCauseRetryAndCursors() {
        StatusRuntimeException error = WireErrors.of(new StreamEnd(
                CloseCause.SLOW_CONSUMER, "slow", Duration.ofSeconds(5), Map.of(7L, new Cursor("epoch-1", 42))));
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(info(error).getReason()).isEqualTo("SLOW_CONSUMER");
        assertThat(info(error).getMetadataMap())
                .containsEntry("epoch", "epoch-1")
                .containsEntry("cursor.7", "42");
        assertThat(detail(error, RetryInfo.getDefaultInstance()).getRetryDelay().getSeconds())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource(CloseCause.class)
    void everyCause_isTheSameOnTheWire(CloseCause cause) {
        assertThat(WireWords.closeCause(WordsWire.closeCause(cause))).isEqualTo(cause);
    }

    @Test
    void causesOfTheWire_areTheCausesOfTheCatalog() {
        Set<String> wire = Arrays.stream(io.registrycenter.proto.v1.CloseCause.values())
                .filter(cause -> cause != io.registrycenter.proto.v1.CloseCause.UNRECOGNIZED
                        && cause != io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_UNSPECIFIED)
                .map(cause -> cause.name().substring("CLOSE_CAUSE_".length()))
                .collect(Collectors.toSet());
        assertThat(wire)
                .isEqualTo(Arrays.stream(CloseCause.values()).map(Enum::name).collect(Collectors.toSet()));
    }

    private static int bytes(StatusRuntimeException error) {
        Metadata all = new Metadata();
        if (error.getTrailers() != null) {
            all.merge(error.getTrailers());
        }
        String message = String.valueOf(error.getStatus().getDescription());
        int percentEncoded = 0;
        for (byte b : message.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            percentEncoded += b >= ' ' && b < '~' && b != '%' ? 1 : 3;
        }
        int headers = 0;
        for (byte[] part : InternalMetadata.serialize(all)) {
            // Binary headers are base64 on the wire.
            headers += part.length * 4 / 3 + 4;
        }
        return percentEncoded + headers;
    }

    private static ErrorInfo info(StatusRuntimeException error) {
        return detail(error, ErrorInfo.getDefaultInstance());
    }

    private static <T extends Message> T detail(StatusRuntimeException error, T type) {
        T found = find(error, type);
        if (found == null) {
            throw new AssertionError("no " + type.getDescriptorForType().getName() + " in " + error.getTrailers());
        }
        return found;
    }

    @SuppressWarnings("unchecked") // getClass of a default instance is the class of the message
    private static <T extends Message> @Nullable T find(StatusRuntimeException error, T type) {
        com.google.rpc.Status status = StatusProto.fromThrowable(error);
        if (status == null) {
            throw new AssertionError("no details in " + error);
        }
        for (Any any : status.getDetailsList()) {
            if (any.is(type.getClass())) {
                try {
                    return (T) any.unpack(type.getClass());
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return null;
    }
}
