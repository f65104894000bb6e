package io.registrycenter.observe.sockets;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Adds up the lines of {@code /proc/net/tcp} and {@code tcp6} that concern some local ports. Confined to one thread.
 *
 * <p>A line: number, {@code address:port} here and there in hexadecimal, state, {@code send:receive} queue in bytes, more. Of a
 * listening socket the receive queue is how many connections wait to be accepted.
 */
final class TcpTable {

    private static final int LOCAL = 1;
    private static final int STATE = 3;
    private static final int QUEUES = 4;
    private static final int HEX = 16;

    private final Set<Integer> ports;
    private final Map<TcpState, Integer> connections = new EnumMap<>(TcpState.class);
    private int acceptQueue;
    private int backlogSockets;
    private long backlogBytes;

    TcpTable(Set<Integer> ports) {
        this.ports = ports;
    }

    /** Adds a file; lines that are not understood are passed over, a newer kernel may add some. */
    void add(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.strip().split("\\s+", QUEUES + 2);
            if (fields.length > QUEUES && fields[0].endsWith(":")) {
                add(fields);
            }
        }
    }

    private void add(String[] fields) {
        String local = fields[LOCAL];
        String queues = fields[QUEUES];
        int colon = queues.indexOf(':');
        TcpState state;
        int port;
        long send;
        long receive;
        try {
            port = Integer.parseInt(local.substring(local.lastIndexOf(':') + 1), HEX);
            state = TcpState.of(Integer.parseInt(fields[STATE], HEX));
            send = Long.parseLong(queues, 0, colon, HEX);
            receive = Long.parseLong(queues, colon + 1, queues.length(), HEX);
        } catch (NumberFormatException | IndexOutOfBoundsException notASocket) {
            return;
        }
        if (state == null || !ports.contains(port)) {
            return;
        }
        connections.merge(state, 1, Integer::sum);
        if (state == TcpState.LISTEN) {
            acceptQueue += (int) receive;
        } else if (send >= SocketFacts.BACKLOG_BYTES) {
            backlogSockets++;
            backlogBytes += send;
        }
    }

    Map<TcpState, Integer> connections() {
        return connections;
    }

    int acceptQueue() {
        return acceptQueue;
    }

    int backlogSockets() {
        return backlogSockets;
    }

    long backlogBytes() {
        return backlogBytes;
    }
}
