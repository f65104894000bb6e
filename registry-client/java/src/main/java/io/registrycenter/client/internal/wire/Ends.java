package io.registrycenter.client.internal.wire;

import io.grpc.Metadata;
import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a call means. First certain evidence wins: the server's own word ({@code ErrorInfo}), then the type or
 * errno of the transport's exception, then the status code.
 */
public final class Ends {

    private static final int MAX_DETAIL = 200;

    private Ends() {}

    /**
     * The end of a stream.
     *
     * @param answered whether the server had answered anything on this stream
     */
    public static StreamEnd of(Status status, @Nullable Metadata trailers, boolean answered) {
        ErrorDetails details = ErrorDetails.of(status, trailers);
        CloseCause said = named(details.reason());
        CloseCause cause = said != null ? said : guess(status, answered);
        return new StreamEnd(cause, details.retryAfter(), detail(status), status.isOk());
    }

    /** The end of a stream for which something was thrown on this side, while it began or while a frame was handled. */
    public static StreamEnd thrown(Throwable fault) {
        return StreamEnd.of(CloseCause.CLIENT_FAULT, cut(fault.toString()));
    }

    /** The cause of that name; null when there is none. */
    static @Nullable CloseCause named(String reason) {
        for (CloseCause cause : CloseCause.values()) {
            if (cause.name().equals(reason)) {
                return cause;
            }
        }
        return null;
    }

    static CloseCause guess(Status status, boolean answered) {
        CloseCause transport = TransportFaults.of(status.getCause());
        if (transport != null) {
            return transport == CloseCause.HTTP2_ERROR && !answered ? CloseCause.PROTOCOL_MISMATCH : transport;
        }
        if (status.getCause() instanceof RuntimeException || status.getCause() instanceof Error) {
            // No exception comes over the wire: it was thrown on this side, in gRPC or while a name was looked up.
            return CloseCause.CLIENT_FAULT;
        }
        return switch (status.getCode()) {
            case OK -> CloseCause.PEER_EOF;
            case UNAVAILABLE -> goneAway(status);
            case CANCELLED -> CloseCause.PEER_RESET;
            case DEADLINE_EXCEEDED -> CloseCause.CLIENT_DEADLINE;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> CloseCause.INVALID_REQUEST;
            case RESOURCE_EXHAUSTED -> calmDown(status);
            case PERMISSION_DENIED, UNAUTHENTICATED -> CloseCause.DENIED;
            case UNIMPLEMENTED -> CloseCause.PROTOCOL_MISMATCH;
            case INTERNAL, DATA_LOSS -> answered ? CloseCause.HTTP2_ERROR : CloseCause.PROTOCOL_MISMATCH;
            default -> CloseCause.SERVER_FAULT;
        };
    }

    /**
     * UNAVAILABLE without an exception: gRPC gives nothing but its own English text here (not the operating system's), so
     * this and {@link #calmDown} are the places that read it; a text that changes makes a less exact cause, never another
     * behaviour.
     */
    private static CloseCause goneAway(Status status) {
        String text = text(status);
        if (text.startsWith("Keepalive failed")) {
            return CloseCause.KEEPALIVE_TIMEOUT;
        }
        if (text.contains("GOAWAY")) {
            // Announced, and without a fault: whoever speaks HTTP/2 with us, a server or a proxy, leaves on purpose.
            return text.contains("NO_ERROR") ? CloseCause.DRAINING : CloseCause.HTTP2_ERROR;
        }
        return text.contains("RST_STREAM") ? CloseCause.PEER_RESET : CloseCause.PEER_EOF;
    }

    /** So gRPC says it when the connection was ended with ENHANCE_YOUR_CALM; what for is the text the server sent along. */
    private static CloseCause calmDown(Status status) {
        return text(status).contains("too_many_pings") ? CloseCause.TOO_MANY_PINGS : CloseCause.LIMIT_EXCEEDED;
    }

    private static String text(Status status) {
        return status.getDescription() == null ? "" : status.getDescription();
    }

    private static String detail(Status status) {
        String text = text(status);
        if (text.isEmpty() && !status.isOk()) {
            text = status.getCode().name();
        }
        Throwable root = status.getCause();
        if (root != null && root.getMessage() != null && !text.contains(root.getMessage())) {
            text = text + ": " + root.getMessage();
        }
        return cut(text);
    }

    /** On one line, and short. */
    private static String cut(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= MAX_DETAIL ? line : line.substring(0, MAX_DETAIL - 3) + "...";
    }
}
