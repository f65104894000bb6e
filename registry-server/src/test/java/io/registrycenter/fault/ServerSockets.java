package io.registrycenter.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel's list of a server's connections. Linux. */
final class ServerSockets {

    private static final String LISTEN = "0A";
    private static final String TIME_WAIT = "06";
    private static final int LOCAL = 1;
    private static final int STATE = 3;

    private ServerSockets() {}

    /** One line of the kernel's table for each connection accepted on the port, also for one that no process has any more. */
    static List<String> of(int port) {
        List<String> found = new ArrayList<>();
        String local = String.format(":%04X", port);
        for (String table : List.of("tcp", "tcp6")) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
                    String[] fields = line.strip().split("\\s+", -1);
                    if (fields[LOCAL].endsWith(local)
                            && !fields[STATE].equals(LISTEN)
                            && !fields[STATE].equals(TIME_WAIT)) {
                        found.add(line);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }
}
