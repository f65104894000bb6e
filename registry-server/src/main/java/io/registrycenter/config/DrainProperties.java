package io.registrycenter.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Leaving gracefully.
 *
 * @param timeout from the first word to the clients to the forced end of streams that are still open
 * @param shutdownLimit after which whoever asked the process to stop kills it
 */
@ConfigurationProperties(prefix = "registry.drain")
public record DrainProperties(
        @DefaultValue("20s") @Range(min = "100ms", max = "10m")
        Duration timeout,

        @DefaultValue("30s") @Range(min = "1s", max = "1h") Duration shutdownLimit) {

    /** For calls that are under way when the streams are gone: {@code spring.grpc.server.shutdown.grace-period}. */
    static final Duration GRPC_GRACE = Duration.ofSeconds(3);

    /** For HTTP requests that are under way: {@code spring.lifecycle.timeout-per-shutdown-phase}. */
    static final Duration WEB_GRACE = Duration.ofSeconds(3);

    /** For what is queued for the store, and its last fsync. */
    static final Duration STORE_GRACE = Duration.ofSeconds(2);

    /** What follows the drain, together. */
    static final Duration GRACES = GRPC_GRACE.plus(WEB_GRACE).plus(STORE_GRACE);

    /** The longest time from SIGTERM to the end of the process. */
    Duration stopsWithin() {
        return timeout.plus(GRACES);
    }
}
