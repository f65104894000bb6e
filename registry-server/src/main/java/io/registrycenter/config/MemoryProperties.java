package io.registrycenter.config;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The heap.
 *
 * @param fraction of the heap beyond 40 MB, which the program itself takes, that history, snapshots, queues and caches share
 */
@ConfigurationProperties(prefix = "registry.memory")
public record MemoryProperties(
        @DefaultValue("0.5") @Range(min = "0.05", max = "0.8")
        double fraction) {}
