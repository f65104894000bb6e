package io.registrycenter.grpc;

import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Watch and attach streams are counted when they start, on their connection and in time; one too many is told so and never
 * reaches its service. Other calls pass; whom a limit refused is counted there too.
 *
 * <p>HTTP/2 lets twice as many in, so that nobody hangs in silence. Runs on the connection's event loop.
 */
final class StreamLimits implements ServerInterceptor {

    static final Set<String> STREAMS = Set.of(
            WatchServiceGrpc.getWatchMethod().getFullMethodName(),
            SessionServiceGrpc.getAttachMethod().getFullMethodName());

    /** A place is free again when another stream of the same client ends, which takes a while. */
    private static final Duration FULL_RETRY_AFTER = Duration.ofSeconds(30);

    private final GrpcConnections connections;
    private final int streamsPerConnection;
    private final int handshakesPerSecond;
    private final Supplier<Duration> handshakes;
    private final TransportCounts counts;

    /** @param handshakes asked for each stream that starts: zero lets it in, else when to try again */
    StreamLimits(
            TransportSettings settings,
            GrpcConnections connections,
            Supplier<Duration> handshakes,
            TransportCounts counts) {
        this.connections = connections;
        this.streamsPerConnection = settings.streamsPerConnection();
        this.handshakesPerSecond = settings.handshakesPerSecond();
        this.handshakes = handshakes;
        this.counts = counts;
    }

    /** Whether the call is a watch or attach stream. */
    static boolean isStream(ServerCall<?, ?> call) {
        return STREAMS.contains(call.getMethodDescriptor().getFullMethodName());
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!isStream(call)) {
            return next.startCall(new Refusals<>(call, counts), headers);
        }
        GrpcConnection connection = connections.of(call);
        if (connection.streams() >= streamsPerConnection) {
            return refuse(
                    call,
                    new Refusal.LimitExceeded(
                            "streams-per-connection",
                            streamsPerConnection,
                            connection.streams() + 1L,
                            FULL_RETRY_AFTER));
        }
        Duration wait = handshakes.get();
        if (wait.isPositive()) {
            return refuse(
                    call,
                    new Refusal.LimitExceeded(
                            "handshakes-per-second", handshakesPerSecond, handshakesPerSecond + 1L, wait));
        }
        connection.newest().begin(connection);
        return next.startCall(call, headers);
    }

    private <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Refusal.LimitExceeded why) {
        counts.limitHit(why.limit());
        StatusRuntimeException error = WireErrors.of(why);
        Metadata trailers = error.getTrailers();
        call.close(error.getStatus(), trailers == null ? new Metadata() : trailers);
        return new ServerCall.Listener<>() {};
    }

    /** A call whose refusal by a limit is counted. */
    private static final class Refusals<Q, A> extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
        private final TransportCounts counts;

        Refusals(ServerCall<Q, A> call, TransportCounts counts) {
            super(call);
            this.counts = counts;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            @Nullable String limit = WireErrors.limit(status, trailers);
            if (limit != null) {
                counts.limitHit(limit);
            }
            super.close(status, trailers);
        }
    }
}
