package io.registrycenter.grpc;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.observe.RareLine;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The check of the read timeouts that watch clients announce in their {@code hello}.
 *
 * <p>A client whose read timeout is not above heartbeat interval and heartbeat timeout together gives up streams that are
 * healthy. Nothing is refused for that; the log says so at WARN. Any thread.
 */
final class ReadTimeouts {

    private static final Logger log = LoggerFactory.getLogger(ReadTimeouts.class);

    private final Duration needed;
    private final RareLine line;

    /** @param nanoTime a monotonic clock */
    ReadTimeouts(ServerNumbers numbers, LongSupplier nanoTime) {
        this.needed = numbers.heartbeatInterval().plus(numbers.heartbeatTimeout());
        this.line = new RareLine(nanoTime);
    }

    /** @param readTimeout what the client announced; zero: nothing */
    void check(ClientInfo client, Duration readTimeout) {
        if (readTimeout.isZero() || readTimeout.compareTo(needed) > 0) {
            return;
        }
        line.next()
                .ifPresent(leftOut -> log.warn(
                        "Client {} gives up a watch stream after {} ms without a frame, which must be more than {} ms "
                                + "(registry.watch.heartbeat-interval and heartbeat-timeout together): it will leave "
                                + "healthy streams. {} more such streams since the last line.",
                        client.name().isEmpty() ? "without a name" : client.name(),
                        readTimeout.toMillis(),
                        needed.toMillis(),
                        leftOut));
    }
}
