package io.registrycenter.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.registrycenter.catalog.Refusal;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The answer to every call on a connection there is no room for: the limit, its value, and when to try again. Most gRPC
 * clients show their callers nothing of a GOAWAY, and try a call again at once that it says was not processed.
 *
 * <p>The connection was counted as refused when it was accepted; its calls are not, and reach no service. Runs on the
 * connection's event loop.
 */
final class ConnectionRefusals implements ServerInterceptor {

    /** Name of the limit, as clients and operators know it. */
    static final String LIMIT = "connections-per-node";

    /** A place is free again when another client leaves, which takes a while; spread, so that nobody comes in a crowd. */
    private static final long SHORTEST_RETRY_MS = 5_000;

    private static final long LONGEST_RETRY_MS = 15_000;

    private final int maxConnections;
    private final GrpcConnections connections;
    private final RandomGenerator random;

    ConnectionRefusals(int maxConnections, GrpcConnections connections, RandomGenerator random) {
        this.maxConnections = maxConnections;
        this.connections = connections;
        this.random = random;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        GrpcConnection connection = connections.of(call);
        Turnaway turnaway = GrpcConnections.turnaway(connection);
        if (turnaway == null) {
            return next.startCall(call, headers);
        }
        Duration retryAfter = Duration.ofMillis(random.nextLong(SHORTEST_RETRY_MS, LONGEST_RETRY_MS));
        StatusRuntimeException error =
                WireErrors.of(new Refusal.LimitExceeded(LIMIT, maxConnections, maxConnections + 1L, retryAfter));
        Metadata trailers = error.getTrailers();
        call.close(error.getStatus(), trailers == null ? new Metadata() : trailers);
        // After the answer, which the event loop writes next.
        connection.channel().eventLoop().execute(turnaway::leave);
        return new ServerCall.Listener<>() {};
    }
}
