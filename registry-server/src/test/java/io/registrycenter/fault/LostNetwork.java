package io.registrycenter.fault;

import java.nio.file.Path;

/**
 * A server and a client whose network goes away without a word: its loopback device is taken down. Only for a process that
 * has a network namespace of its own.
 */
final class LostNetwork {

    static final String ENDED_AS = "ended as ";

    private LostNetwork() {}

    // Argument: the directory for the server's data.
    public static void main(String[] args) throws Exception {
        FaultServer server = new FaultServer(
                Path.of(args[0]),
                "--registry.watch.heartbeat-timeout=20s",
                "--registry.watch.idle-timeout=60s",
                "--registry.watch.client-read-timeout=60s",
                "--registry.watch.stall-timeout=20s",
                "--registry.grpc.keepalive-time=1m",
                "--registry.grpc.tcp-user-timeout=1s");
        server.put("orders", "i", 1, "");
        FaultWatcher watcher = new FaultWatcher(server.port(), "orders");
        watcher.connect(true);
        FaultServer.await(() -> watcher.answers() >= 2);
        int code = new ProcessBuilder("ip", "link", "set", "lo", "down")
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("the network cannot be taken down");
        }
        FaultServer.await(() -> !server.closes().isEmpty());
        System.out.println(ENDED_AS + server.closes());
        System.exit(0);
    }
}
