package io.registrycenter.grpc;

import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import io.registrycenter.catalog.CloseCause;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides why a stream or connection ended that this server did not end itself: by type, status code and errno, never by
 * the text of a message. Immutable; called on the connection's event loop.
 */
final class CloseCauses {

    /** A client whose deadline passes cancels by itself, a little before the server's own timer. */
    private static final long DEADLINE_SLACK_MS = 500;

    // The numbers of Linux, which Netty's native transport reports negated.
    private static final int EPIPE = 32;
    private static final int ECONNABORTED = 103;
    private static final int ECONNRESET = 104;
    private static final int ENETDOWN = 100;
    private static final int ENETUNREACH = 101;
    private static final int ETIMEDOUT = 110;
    private static final int EHOSTUNREACH = 113;

    private final boolean tls;

    /** @param tls whether the port speaks TLS */
    CloseCauses(boolean tls) {
        this.tls = tls;
    }

    /**
     * @param status what the transport reported for the stream; null: nothing
     * @param deadline the client's deadline for the call
     * @param evidence of its connection; null: it was not observed
     */
    CloseCause ofStream(@Nullable Status status, @Nullable Deadline deadline, @Nullable CloseEvidence evidence) {
        if (status == null) {
            return CloseCause.UNKNOWN;
        }
        return switch (status.getCode()) {
            case OK -> CloseCause.CLIENT_COMPLETED;
            case DEADLINE_EXCEEDED -> CloseCause.CLIENT_DEADLINE;
            // The transport says CANCELLED for one thing only: the client reset the stream.
            case CANCELLED ->
                deadline != null && deadline.timeRemaining(TimeUnit.MILLISECONDS) < DEADLINE_SLACK_MS
                        ? CloseCause.CLIENT_DEADLINE
                        : CloseCause.CLIENT_CANCELLED;
            // For pings that come too fast, which its connection knows, or for a message over the limit.
            case RESOURCE_EXHAUSTED ->
                evidence != null && evidence.decision() != null ? evidence.decision() : CloseCause.LIMIT_EXCEEDED;
            case UNAVAILABLE -> evidence == null ? CloseCause.UNKNOWN : ofConnection(evidence);
            // A write that found the channel closed, or the stream given up by a goodbye of ours: the connection knows.
            case UNKNOWN ->
                evidence != null && (evidence.decision() != null || status.getCause() instanceof ClosedChannelException)
                        ? ofConnection(evidence)
                        : CloseCause.UNKNOWN;
            // What a broken connection left half done is no error of its own.
            case INTERNAL ->
                evidence != null && evidence.failure() != null ? ofConnection(evidence) : CloseCause.HTTP2_ERROR;
            default -> CloseCause.UNKNOWN;
        };
    }

    /**
     * Why a connection is gone.
     *
     * @param streams that were open on it: a goodbye does not explain their end
     */
    CloseCause ofConnection(CloseEvidence evidence, int streams) {
        boolean left = evidence.goodbye() && evidence.decision() == null && !evidence.closedHere();
        return left && streams == 0 ? CloseCause.CLIENT_COMPLETED : ofConnection(evidence);
    }

    /** Why a connection that is gone, or that the transport is giving up with its streams, is. */
    CloseCause ofConnection(CloseEvidence evidence) {
        CloseCause decision = evidence.decision();
        if (decision != null) {
            return decision;
        }
        if (evidence.opening() == CloseEvidence.Opening.SILENT && !evidence.closedHere()) {
            // It may even look like a reset: our greeting was never read.
            return CloseCause.PROBE_CONNECT;
        }
        Throwable failure = evidence.failure();
        if (failure != null) {
            return ofFailure(failure);
        }
        if (evidence.opening() == CloseEvidence.Opening.FOREIGN) {
            return CloseCause.PROTOCOL_MISMATCH;
        }
        if (tls && !evidence.isNegotiated()) {
            return CloseCause.TLS_FAILED;
        }
        if (evidence.closedHere()) {
            return evidence.leaving() ? CloseCause.DRAINING : CloseCause.HTTP2_ERROR;
        }
        if (evidence.isOpen()) {
            // The transport gives up its streams before it closes when it is shut down.
            return CloseCause.DRAIN_FORCED;
        }
        return CloseCause.PEER_EOF;
    }

    private static CloseCause ofFailure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Errors.NativeIoException io) {
                return switch (-io.expectedErr()) {
                    case ECONNRESET, EPIPE, ECONNABORTED -> CloseCause.PEER_RESET;
                    case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN -> CloseCause.NETWORK_LOST;
                    default -> CloseCause.UNKNOWN;
                };
            }
            if (cause instanceof SocketException) {
                // Without epoll the JDK keeps the number to itself; nearly always it is a reset.
                return CloseCause.PEER_RESET;
            }
        }
        return CloseCause.UNKNOWN;
    }
}
