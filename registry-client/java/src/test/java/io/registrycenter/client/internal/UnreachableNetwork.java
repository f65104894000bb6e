package io.registrycenter.client.internal;

import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client whose machine has no network at all, not even to itself: a process in a network namespace of its own. */
final class UnreachableNetwork {

    private static final String REPORTED = "reported ";

    private UnreachableNetwork() {}

    public static void main(String[] args) throws Exception {
        CompletableFuture<DisconnectReport> first = new CompletableFuture<>();
        RegistryClient client = RegistryClient.builder()
                .target("127.0.0.1:9090")
                .onLink(new LinkListener() {
                    @Override
                    public void onConnected(Connected event) {
                        // There is nobody.
                    }

                    @Override
                    public void onDisconnected(DisconnectReport report) {
                        // Nothing was live.
                    }

                    @Override
                    public void onAttemptFailed(DisconnectReport report) {
                        first.complete(report);
                    }
                })
                .build();
        client.watch("orders", new RecordingListener());
        System.out.println(REPORTED + first.get(30, TimeUnit.SECONDS).cause());
        System.exit(0);
    }

    /** Whether this machine lets a process have a network of its own. */
    static boolean possible() throws InterruptedException {
        try {
            Process process = new ProcessBuilder("unshare", "-rn", "true")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    /** The cause that the client reports. */
    static String run() throws IOException {
        Process process = new ProcessBuilder(
                        "unshare",
                        "-rn",
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        UnreachableNetwork.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return said.lines()
                    .filter(line -> line.startsWith(REPORTED))
                    .findFirst()
                    .map(line -> line.substring(REPORTED.length()))
                    .orElseThrow(() -> new AssertionError(said));
        } finally {
            process.destroyForcibly();
        }
    }
}
