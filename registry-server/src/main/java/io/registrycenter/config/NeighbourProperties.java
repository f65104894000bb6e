package io.registrycenter.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Timeouts on the way between client and server, so that their rules can be checked at start-up. */
public final class NeighbourProperties {

    private NeighbourProperties() {}

    /**
     * The HTTP port; its address is {@code server.address} and {@code server.port}.
     *
     * @param keepAlive an idle connection is kept this long
     */
    @ConfigurationProperties(prefix = "registry.http")
    public record Http(
            @DefaultValue("60s") @Range(min = "1s", max = "1h")
            Duration keepAlive) {}

    /**
     * What clients of the HTTP port are expected to use.
     *
     * @param poolMaxIdle a pooled connection is used again up to this idle time; only checked
     */
    @ConfigurationProperties(prefix = "registry.client")
    public record Client(
            @DefaultValue("50s") @Range(min = "1s", max = "1h")
            Duration poolMaxIdle) {}

    /**
     * Proxies, load balancers and firewalls in between.
     *
     * @param idleTimeout the shortest idle timeout on the way; unset: its rule is not checked
     */
    @ConfigurationProperties(prefix = "registry.intermediary")
    public record Intermediary(
            @Nullable @Range(min = "1s", max = "24h") Duration idleTimeout) {}
}
