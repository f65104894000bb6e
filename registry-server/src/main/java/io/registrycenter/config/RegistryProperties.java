package io.registrycenter.config;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The node.
 *
 * @param dataDir directory of the embedded store, made when missing; one process at a time
 * @param store which engine keeps the history
 * @param node name of this server as shown to clients and operators; empty: the host name and four random characters
 * @param catchUpTimeout how long start-up may take to read the history before it gives up
 */
@ConfigurationProperties(prefix = "registry")
public record RegistryProperties(
        @DefaultValue("registry-data") Path dataDir,
        @DefaultValue("embedded") Engine store,
        @DefaultValue("") String node,
        @DefaultValue("60s") @Range(min = "1s", max = "1h") Duration catchUpTimeout) {

    /** What keeps the history. */
    public enum Engine {
        /** SQLite in {@code registry.data-dir}. */
        EMBEDDED,
        /** etcd, for several servers. */
        ETCD
    }
}
