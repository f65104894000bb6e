package io.registrycenter.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.drain.Connections.Gate;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Refuses watch and attach streams while the server leaves; other calls pass. Runs on the connection's event loop.
 *
 * <p>Who is refused is told when to try again, spread so that nobody comes in a crowd, and, once connections are being sent
 * away, loses a connection that carries nothing else: the next one may lead to another server.
 */
final class DrainGate implements ServerInterceptor {

    private static final String LEAVING = "the server is leaving";
    private static final long SHORTEST_RETRY_MS = 1_000;

    private final GrpcConnections connections;
    private final RandomGenerator random;

    DrainGate(GrpcConnections connections, RandomGenerator random) {
        this.connections = connections;
        this.random = random;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Gate now = connections.gate();
        if (now == Gate.OPEN || !StreamLimits.isStream(call)) {
            return next.startCall(call, headers);
        }
        Duration retryAfter = Duration.ofMillis(
                random.nextLong(SHORTEST_RETRY_MS, connections.retryWithin().toMillis()));
        StatusRuntimeException error = WireErrors.of(new Refusal.Unavailable(CloseCause.DRAINING, LEAVING, retryAfter));
        Metadata trailers = error.getTrailers();
        call.close(error.getStatus(), trailers == null ? new Metadata() : trailers);
        GrpcConnection connection = connections.of(call);
        if (now == Gate.SENDING_AWAY && connection.streams() == 0) {
            connection.sendAway(LEAVING, retryAfter);
        }
        return new ServerCall.Listener<>() {};
    }
}
