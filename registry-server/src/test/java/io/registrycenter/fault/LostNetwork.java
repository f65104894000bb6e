package io.registrycenter.fault;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.grpc.EndsTold;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A server and a client whose network goes away without a word: its loopback device is taken down, until the server has noticed.
 * Only for a process that has a network namespace of its own.
 */
public final class LostNetwork {

    private static final String ENDED_AS = "ended as ";

    private LostNetwork() {}

    // Argument: the directory for the server's data.
    public static void main(String[] args) throws Exception {
        try (FaultServer server = new FaultServer(
                        Path.of(args[0]),
                        "--registry.watch.heartbeat-timeout=20s",
                        "--registry.watch.idle-timeout=60s",
                        "--registry.watch.client-read-timeout=60s",
                        "--registry.watch.stall-timeout=500ms",
                        "--registry.grpc.keepalive-time=1m",
                        "--registry.grpc.tcp-user-timeout=1s");
                EndsTold told = new EndsTold()) {
            EndsTold.Before before = told.before(server.live(), Disconnect.Kind.WATCH, CloseCause.NETWORK_LOST);
            server.put("orders", "i", 1, "");
            FaultWatcher watcher = new FaultWatcher(server.port(), "orders");
            watcher.connect(true);
            FaultServer.await(() -> watcher.answers() >= 2);
            loopback("down");
            FaultServer.await(() -> !server.closes().isEmpty());
            loopback("up");
            System.out.println(ENDED_AS + server.closes() + " " + before.more(1).getFirst());
            System.exit(0);
        }
    }

    private static void loopback(String state) throws IOException, InterruptedException {
        int code = new ProcessBuilder("ip", "link", "set", "lo", state)
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("the network cannot be taken " + state);
        }
    }

    /** Whether this machine lets a process have a network of its own. */
    public static boolean possible() throws InterruptedException {
        return succeeds("unshare", "-rn", "true") && succeeds("ip", "link");
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    /**
     * Runs it in a process of its own, which has a deadline for each of its steps.
     *
     * @param data directory for the server's data
     * @return by what the stream ended, and what the server tells of it; an error when metric, endpoint and log do not agree
     */
    public static String run(Path data) throws IOException {
        Process process = new ProcessBuilder(
                        "unshare",
                        "-rn",
                        "sh",
                        "-c",
                        "ip link set lo up && exec \"$@\"",
                        "sh",
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LostNetwork.class.getName(),
                        data.toString())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return said.lines()
                    .filter(line -> line.startsWith(ENDED_AS))
                    .findFirst()
                    .map(line -> line.substring(ENDED_AS.length()))
                    .orElseThrow(() -> new AssertionError(said));
        } finally {
            process.destroyForcibly();
        }
    }
}
