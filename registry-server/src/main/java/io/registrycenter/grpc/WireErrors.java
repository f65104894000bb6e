package io.registrycenter.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.watch.StreamEnd;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Errors to wire: the one place. What is sent is at most {@link #MAX_BYTES} with all its details.
 *
 * <p>A refusal tells the caller what it did; anything else is a fault of this server, whose message stays here, in the log.
 * Immutable; any thread.
 */
final class WireErrors {

    static final String DOMAIN = "registrycenter.io";
    /** Status, message and details in trailers. */
    static final int MAX_BYTES = 8 * 1024;

    /** Percent-encoded in a header each character may take nine bytes, and it is sent twice. */
    private static final int MAX_TEXT = 400;

    /** Of the metadata that tells cursors; the client knows its own anyway. */
    private static final int MAX_CURSOR_BYTES = 2 * 1024;

    private static final int MAP_ENTRY_BYTES = 6;

    private static final Duration TOO_MANY_PINGS_RETRY_AFTER = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(WireErrors.class);

    private WireErrors() {}

    /** The end of a call that failed. */
    static StatusRuntimeException of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof StatusRuntimeException known) {
            return known;
        }
        if (cause instanceof Refusal refusal) {
            return of(refusal);
        }
        OutOfMemory.endIfCause(cause);
        log.error("A call failed by a fault of this server", cause);
        return status(
                Code.INTERNAL,
                "the server failed; its log says why",
                info(CloseCause.SERVER_FAULT.name(), Map.of()),
                Duration.ZERO);
    }

    private static StatusRuntimeException of(Refusal refusal) {
        String message = message(refusal);
        return switch (refusal) {
            case Refusal.InvalidInput bad ->
                StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                        .setCode(Code.INVALID_ARGUMENT_VALUE)
                        .setMessage(message)
                        .addDetails(info(CloseCause.INVALID_REQUEST.name(), Map.of()))
                        .addDetails(Any.pack(BadRequest.newBuilder()
                                .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                        .setField(cut(bad.field()))
                                        .setDescription(cut("must " + bad.rule() + ", was \"" + bad.value() + "\"")))
                                .build()))
                        .build());
            case Refusal.SessionUnknown ignored ->
                status(Code.NOT_FOUND, message, info(CloseCause.SESSION_EXPIRED.name(), Map.of()), Duration.ZERO);
            case Refusal.NotHolder holder ->
                status(
                        Code.FAILED_PRECONDITION,
                        message,
                        info(
                                "NOT_HOLDER",
                                Map.of("instance", cut(holder.instance().toString()))),
                        Duration.ZERO);
            case Refusal.Fenced fenced ->
                status(
                        Code.ABORTED,
                        message,
                        info(
                                CloseCause.FENCED.name(),
                                Map.of(
                                        "given",
                                        Long.toString(fenced.given()),
                                        "current",
                                        Long.toString(fenced.current()))),
                        Duration.ZERO);
            case Refusal.LimitExceeded limit ->
                status(
                        Code.RESOURCE_EXHAUSTED,
                        message,
                        info(CloseCause.LIMIT_EXCEEDED.name(), limit(limit)),
                        limit.retryAfter());
            case Refusal.Unavailable unavailable ->
                status(
                        Code.UNAVAILABLE,
                        message,
                        info(unavailable.closeCause().name(), Map.of()),
                        unavailable.retryAfter());
        };
    }

    /** The end of a stream by a message over a limit, whose length nobody has told. */
    static com.google.rpc.Status tooLong(String limit, long allowed) {
        return details(
                Code.RESOURCE_EXHAUSTED,
                "limit " + limit + " is " + allowed + ", a message was longer",
                info(CloseCause.LIMIT_EXCEEDED.name(), Map.of("limit", limit, "allowed", Long.toString(allowed))),
                Duration.ZERO);
    }

    /** The end of every call on a connection that is closed because its client sends pings too often. */
    static com.google.rpc.Status tooManyPings() {
        return details(
                Code.RESOURCE_EXHAUSTED,
                "HTTP/2 pings came too often: raise the keepalive time of the client",
                info(CloseCause.TOO_MANY_PINGS.name(), Map.of()),
                TOO_MANY_PINGS_RETRY_AFTER);
    }

    /** The end of a stream that this server ends. */
    static StatusRuntimeException of(StreamEnd end) {
        return status(code(end.cause()), cut(end.message()), info(end.cause().name(), details(end)), end.retryAfter());
    }

    private static Map<String, String> details(StreamEnd end) {
        Map<String, String> cursors = cursors(end.written());
        if (end.limit() == null) {
            return cursors;
        }
        Map<String, String> metadata = new LinkedHashMap<>(limit(end.limit()));
        metadata.putAll(cursors);
        return metadata;
    }

    private static Map<String, String> limit(Refusal.LimitExceeded limit) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("limit", cut(limit.limit()));
        metadata.put("allowed", Long.toString(limit.allowed()));
        metadata.put("value", Long.toString(limit.actual()));
        if (!limit.field().isEmpty()) {
            metadata.put("field", cut(limit.field()));
        }
        return metadata;
    }

    /** What was written to each subscription, as {@code epoch} and {@code cursor.<subscription id>}. */
    private static Map<String, String> cursors(Map<Long, Cursor> cursors) {
        if (cursors.isEmpty()) {
            return Map.of();
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        int bytes = 0;
        for (Map.Entry<Long, Cursor> written : cursors.entrySet()) {
            String key = "cursor." + Long.toUnsignedString(written.getKey());
            String revision = Long.toString(written.getValue().revision());
            bytes += key.length() + revision.length() + MAP_ENTRY_BYTES;
            if (bytes > MAX_CURSOR_BYTES) {
                break;
            }
            metadata.putIfAbsent("epoch", written.getValue().epoch());
            metadata.put(key, revision);
        }
        return metadata;
    }

    /** Which limit refused a call that ends so; null: none of ours. */
    static @Nullable String limit(Status status, Metadata trailers) {
        if (status.getCode() != Status.Code.RESOURCE_EXHAUSTED) {
            return null;
        }
        com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers);
        for (Any any : details.getDetailsList()) {
            if (any.is(ErrorInfo.class)) {
                try {
                    return any.unpack(ErrorInfo.class).getMetadataMap().get("limit");
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalStateException("details we wrote cannot be read", e);
                }
            }
        }
        return null;
    }

    /** Which status says a cause best, for clients that know nothing but status codes. */
    static Code code(CloseCause cause) {
        return switch (cause) {
            case CLIENT_COMPLETED -> Code.OK;
            case CLIENT_CANCELLED -> Code.CANCELLED;
            case CLIENT_DEADLINE -> Code.DEADLINE_EXCEEDED;
            case SLOW_CONSUMER, LIMIT_EXCEEDED, TOO_MANY_PINGS -> Code.RESOURCE_EXHAUSTED;
            case INVALID_REQUEST -> Code.INVALID_ARGUMENT;
            case FENCED -> Code.ABORTED;
            case SESSION_EXPIRED -> Code.NOT_FOUND;
            case DENIED -> Code.PERMISSION_DENIED;
            case SERVER_FAULT -> Code.INTERNAL;
            case DRAINING,
                    MAX_AGE,
                    PROBE_CONNECT,
                    HEARTBEAT_TIMEOUT,
                    IDLE_TIMEOUT,
                    READ_TIMEOUT,
                    SERVER_BEHIND,
                    KICKED,
                    DRAIN_FORCED,
                    CONNECT_REFUSED,
                    CONNECT_TIMEOUT,
                    PEER_RESET,
                    PEER_EOF,
                    KEEPALIVE_TIMEOUT,
                    NETWORK_LOST,
                    PROTOCOL_MISMATCH,
                    TLS_FAILED,
                    HTTP2_ERROR,
                    INTERMEDIARY_IDLE,
                    INTERMEDIARY_RESTART,
                    NAT_EXPIRED,
                    CLIENT_PROCESS_DIED,
                    STALE_CONNECTION,
                    CLIENT_FAULT,
                    UNKNOWN -> Code.UNAVAILABLE;
        };
    }

    /** Text for people, cut to what trailers can carry. */
    static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 3) + "...";
    }

    static String message(Refusal refusal) {
        String message = refusal.getMessage();
        return cut(message == null ? refusal.getClass().getSimpleName() : message);
    }

    private static Any info(String reason, Map<String, String> metadata) {
        return Any.pack(ErrorInfo.newBuilder()
                .setReason(reason)
                .setDomain(DOMAIN)
                .putAllMetadata(metadata)
                .build());
    }

    private static StatusRuntimeException status(Code code, String message, Any info, Duration retryAfter) {
        return StatusProto.toStatusRuntimeException(details(code, message, info, retryAfter));
    }

    private static com.google.rpc.Status details(Code code, String message, Any info, Duration retryAfter) {
        com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
                .setCode(code.getNumber())
                .setMessage(message)
                .addDetails(info);
        if (retryAfter.isPositive()) {
            status.addDetails(Any.pack(RetryInfo.newBuilder()
                    .setRetryDelay(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(retryAfter.getSeconds())
                            .setNanos(retryAfter.getNano()))
                    .build()));
        }
        return status.build();
    }
}
