package io.registrycenter.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Sessions of providers.
 *
 * @param ttl silence allowed when a client does not ask for another TTL
 * @param heartbeatInterval how often a provider is asked for a heartbeat; at most half the TTL
 * @param reconnectGrace how long the instances stay when the provider's stream breaks
 * @param restartGrace how long they stay when this server was restarted, counted from ready
 * @param orphanGrace how long they stay when their server is gone and there are others, counted from when those see it
 */
@ConfigurationProperties(prefix = "registry.session")
public record SessionProperties(
        @DefaultValue("15s") @Range(min = "5s", max = "10m") Duration ttl,

        @DefaultValue("5s") @Range(min = "100ms", max = "5m")
        Duration heartbeatInterval,

        @DefaultValue("10s") @Range(min = "0s", max = "10m") Duration reconnectGrace,
        @DefaultValue("30s") @Range(min = "0s", max = "1h") Duration restartGrace,
        @DefaultValue("30s") @Range(min = "0s", max = "1h") Duration orphanGrace) {}
