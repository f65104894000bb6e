package io.registrycenter.client.internal.wire;

import io.grpc.netty.shaded.io.netty.channel.ConnectTimeoutException;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import io.registrycenter.client.CloseCause;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an exception of the transport means: by its type and errno, never by its text (which the operating system may
 * translate).
 */
final class TransportFaults {

    // Linux numbers: only the epoll transport, which exists on Linux alone, reports errno.
    private static final int ETIMEDOUT = -110;
    private static final int ECONNREFUSED = -111;
    private static final int EHOSTUNREACH = -113;
    private static final int ENETUNREACH = -101;

    /** Deeper than any chain seen; ends a cycle. */
    private static final int MAX_DEPTH = 16;

    private TransportFaults() {}

    /** The cause of the first exception in the chain that means something; null when none does. */
    static @Nullable CloseCause of(@Nullable Throwable fault) {
        Throwable next = fault;
        for (int depth = 0; next != null && depth < MAX_DEPTH; depth++) {
            CloseCause cause = one(next);
            if (cause != null) {
                return cause;
            }
            next = next.getCause();
        }
        return null;
    }

    private static @Nullable CloseCause one(Throwable fault) {
        if (fault instanceof Errors.NativeIoException numbered) {
            return errno(numbered.expectedErr());
        }
        if (fault instanceof ConnectTimeoutException || fault instanceof SocketTimeoutException) {
            return CloseCause.CONNECT_TIMEOUT;
        }
        if (fault instanceof NoRouteToHostException
                || fault instanceof UnknownHostException
                || fault instanceof UnresolvedAddressException) {
            return CloseCause.NETWORK_LOST;
        }
        if (fault instanceof ConnectException) {
            return CloseCause.CONNECT_REFUSED;
        }
        if (fault instanceof NotSslRecordException) {
            return CloseCause.PROTOCOL_MISMATCH;
        }
        if (fault instanceof SSLException) {
            return CloseCause.TLS_FAILED;
        }
        if (fault instanceof Http2Exception) {
            return CloseCause.HTTP2_ERROR;
        }
        if (fault instanceof ClosedChannelException) {
            return CloseCause.PEER_EOF;
        }
        // Any other trouble with the socket while it was in use.
        return fault instanceof IOException ? CloseCause.PEER_RESET : null;
    }

    private static CloseCause errno(int negative) {
        return switch (negative) {
            case ECONNREFUSED -> CloseCause.CONNECT_REFUSED;
            case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH -> CloseCause.NETWORK_LOST;
            // ECONNRESET, EPIPE, and what else ends a connection in use.
            default -> CloseCause.PEER_RESET;
        };
    }
}
