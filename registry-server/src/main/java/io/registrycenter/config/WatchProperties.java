package io.registrycenter.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Watch streams.
 *
 * @param heartbeatInterval how often a stream gets a heartbeat, +-25 %, also while data flows
 * @param heartbeatTimeout an acknowledgement overdue by this ends the stream with HEARTBEAT_TIMEOUT
 * @param idleTimeout no frame of the client for this long ends the stream with IDLE_TIMEOUT
 * @param clientReadTimeout what clients are expected to use; only checked against the heartbeat
 * @param maxAge a stream older than this, +-10 %, is asked to reconnect; 0: never
 * @param stallTimeout data waiting, and a transport that takes none for this long, ends the stream with SLOW_CONSUMER
 * @param resetAfter a stream whose end does not get through for this long is reset
 * @param aheadWait how long a cursor from the future waits for this server to catch up
 * @param subscriptionsPerStream more are answered with LIMIT_EXCEEDED
 * @param snapshotsPerSecond snapshots that may be built in a second, shared ones aside; 0: any number
 * @param concurrentSnapshots subscriptions that may be told a snapshot at a time; 0: any number
 * @param coalesceChanges a subscription further behind gets net changes instead of each
 * @param coalesceBytes likewise in encoded bytes
 * @param historyCommits commits kept in memory for one service or namespace
 * @param historyBytes likewise in bytes
 * @param historyNodeBytes history and snapshots of all services in memory, at most; null: what the heap gives, up to 256 MB
 */
@ConfigurationProperties(prefix = "registry.watch")
public record WatchProperties(
        @DefaultValue("20s") @Range(min = "100ms", max = "10m")
        Duration heartbeatInterval,

        @DefaultValue("10s") @Range(min = "100ms", max = "10m")
        Duration heartbeatTimeout,

        @DefaultValue("60s") @Range(min = "200ms", max = "1h")
        Duration idleTimeout,

        @DefaultValue("90s") @Range(min = "200ms", max = "1h")
        Duration clientReadTimeout,

        @DefaultValue("0s") @Range(min = "0s", max = "24h") Duration maxAge,

        @DefaultValue("30s") @Range(min = "100ms", max = "10m")
        Duration stallTimeout,

        @DefaultValue("10s") @Range(min = "100ms", max = "10m")
        Duration resetAfter,

        @DefaultValue("3s") @Range(min = "0s", max = "30s") Duration aheadWait,

        @DefaultValue("1000") @Range(min = "1", max = "100000")
        int subscriptionsPerStream,

        @DefaultValue("10000") @Range(min = "0", max = "1000000")
        int snapshotsPerSecond,

        @DefaultValue("10000") @Range(min = "0", max = "1000000")
        int concurrentSnapshots,

        @DefaultValue("2048") @Range(min = "1", max = "1000000")
        int coalesceChanges,

        @DefaultValue("4MB") @Range(min = "1KB", max = "1GB")
        DataSize coalesceBytes,

        @DefaultValue("8192") @Range(min = "16", max = "1000000")
        int historyCommits,

        @DefaultValue("16MB") @Range(min = "64KB", max = "1GB")
        DataSize historyBytes,

        @Nullable @Range(min = "1MB", max = "64GB") DataSize historyNodeBytes) {}
