package io.registrycenter.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A process with many watchers. For each line it reads it connects those that are not connected and says {@code ready} when
 * all have an answer; it ends with its input.
 */
final class ClientProgram {

    private ClientProgram() {}

    // Arguments: port, service, number of watchers, each with a connection of its own.
    public static void main(String[] args) throws IOException {
        List<FaultWatcher> watchers = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[2]); i++) {
            watchers.add(new FaultWatcher(Integer.parseInt(args[0]), args[1]));
        }
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (orders.readLine() != null) {
            FaultServer.await(() -> watchers.stream().noneMatch(FaultWatcher::connected));
            long heard =
                    watchers.stream().mapToLong(FaultWatcher::answers).max().orElse(0);
            watchers.forEach(watcher -> watcher.connect(true));
            FaultServer.await(() -> watchers.stream().allMatch(watcher -> watcher.answers() >= heard + 2));
            System.out.println("ready");
        }
        // Without this the process would stay until its channels have ended.
        System.exit(0);
    }
}
