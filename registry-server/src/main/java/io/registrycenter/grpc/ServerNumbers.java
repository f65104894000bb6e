package io.registrycenter.grpc;

import java.time.Duration;

/**
 * The server's own numbers, told to every watcher in {@code Welcome} so that it can check its timeouts against them.
 *
 * @param node name of this server
 * @param messageBytes no message is longer, either way
 */
public record ServerNumbers(
        String node,
        Duration heartbeatInterval,
        Duration heartbeatTimeout,
        Duration idleTimeout,
        Duration permitKeepalive,
        int subscriptionsPerStream,
        int streamsPerConnection,
        int messageBytes) {}
