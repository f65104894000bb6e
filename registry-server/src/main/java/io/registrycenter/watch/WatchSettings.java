package io.registrycenter.watch;

import java.time.Duration;

/**
 * The numbers of watching; see {@code docs/configuration.md} for ranges and effects.
 *
 * @param stall data waits and the transport takes none for this long: the stream ends as a slow consumer
 * @param resetAfter an ended stream whose end does not get through for this long is reset
 * @param coalesceChanges a subscription that is more changes behind gets them coalesced
 * @param coalesceBytes likewise in encoded bytes
 * @param frameCommits commits in one message at most
 * @param frameBytes encoded bytes in one message of several commits at most
 * @param partBytes encoded bytes of a snapshot part, and of a coalesced delta, at most
 * @param scopeCommits history of one scope in commits
 * @param scopeBytes history of one scope in bytes
 * @param nodeBytes history of the node in bytes
 * @param historyAge history older than this is let go
 * @param aheadWait how long a cursor from the future may wait for this server to catch up
 */
public record WatchSettings(
        Duration heartbeatInterval,
        Duration heartbeatTimeout,
        Duration idleTimeout,
        Duration maxAge,
        Duration stall,
        Duration resetAfter,
        Duration aheadWait,
        int subscriptionsPerStream,
        long coalesceChanges,
        long coalesceBytes,
        int frameCommits,
        int frameBytes,
        int partBytes,
        int scopeCommits,
        long scopeBytes,
        long nodeBytes,
        Duration historyAge) {

    public static final WatchSettings DEFAULTS = new WatchSettings(
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ZERO,
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(3),
            1_000,
            2_048,
            4L << 20,
            64,
            256 << 10,
            512 << 10,
            8_192,
            16L << 20,
            256L << 20,
            Duration.ofMinutes(10));
}
