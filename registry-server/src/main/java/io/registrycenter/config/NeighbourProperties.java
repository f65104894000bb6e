package io.registrycenter.config;

import io.registrycenter.http.AllowedHosts;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
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
     * @param allowedHosts names by which requests that change something may address this server, besides the loopback ones and
     *     {@code server.address}
     */
    @ConfigurationProperties(prefix = "registry.http")
    public record Http(
            @DefaultValue("60s") @Range(min = "1s", max = "1h")
            Duration keepAlive,

            @DefaultValue List<String> allowedHosts) {

        /** @throws SettingRefused when a value is no host */
        AllowedHosts hosts(List<String> listening) {
            try {
                return new AllowedHosts(
                        Stream.concat(allowedHosts.stream(), listening.stream()).toList());
            } catch (IllegalArgumentException e) {
                throw new SettingRefused("registry.http.allowed-hosts " + e.getMessage() + ".");
            }
        }
    }

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
