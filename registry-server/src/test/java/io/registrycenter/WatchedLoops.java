package io.registrycenter;

import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Whose event loops must not block: those of the server. A gRPC client of a test, whose loops have gRPC's own name, may wait a
 * moment for a lock inside of its library; caught there, that ended the client's streams, and a test waited for them in vain.
 */
public final class WatchedLoops implements BlockHoundIntegration {

    private static final String CLIENT_LOOPS = "grpc-default-worker";

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.blockingMethodCallback(method -> {
            if (!Thread.currentThread().getName().startsWith(CLIENT_LOOPS)) {
                throw new BlockingOperationError(method);
            }
        });
    }
}
