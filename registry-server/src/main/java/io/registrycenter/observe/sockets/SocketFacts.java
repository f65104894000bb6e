package io.registrycenter.observe.sockets;

import java.util.EnumMap;
import java.util.Map;

/**
 * What the kernel knows. Immutable.
 *
 * @param descriptors open in this process, sockets and files
 * @param descriptorLimit how many there may be
 * @param connections by state, of this server's ports only
 * @param acceptQueue connections that wait to be accepted on this server's ports
 * @param backlogSockets connections of this server with at least {@link #BACKLOG_BYTES} that the other end did not take
 * @param backlogBytes of those
 * @param counters of the whole network namespace, since the machine or container started
 * @param sinceStart the same since this server started
 */
public record SocketFacts(
        long descriptors,
        long descriptorLimit,
        Map<TcpState, Integer> connections,
        int acceptQueue,
        int backlogSockets,
        long backlogBytes,
        Counters counters,
        Counters sinceStart) {

    /** Less than this may simply be under way. */
    public static final long BACKLOG_BYTES = 64 * 1024;

    public SocketFacts {
        connections = Map.copyOf(connections);
    }

    /**
     * What only grows.
     *
     * @param listenOverflows connections that found the accept queue full
     * @param listenDrops connections dropped while listening, overflows among them
     * @param resetsSent packets with RST that left
     * @param resetsReceived connections that were open and ended by a reset
     */
    public record Counters(long listenOverflows, long listenDrops, long resetsSent, long resetsReceived) {
        Counters minus(Counters earlier) {
            return new Counters(
                    listenOverflows - earlier.listenOverflows,
                    listenDrops - earlier.listenDrops,
                    resetsSent - earlier.resetsSent,
                    resetsReceived - earlier.resetsReceived);
        }
    }

    /** Connections of this server's ports in a state. */
    public int connections(TcpState state) {
        return connections.getOrDefault(state, 0);
    }

    /** Every state that occurs, in order. */
    public Map<TcpState, Integer> inOrder() {
        return connections.isEmpty() ? Map.of() : new EnumMap<>(connections);
    }
}
