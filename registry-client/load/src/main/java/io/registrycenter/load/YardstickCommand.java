package io.registrycenter.load;

import io.registrycenter.load.yardstick.YardstickServer;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves the yardstick; the other commands start it as a process of its own. */
@Command(name = "yardstick", description = "Serves the bare gRPC yardstick on loopback until stdin ends.")
final class YardstickCommand implements Callable<Integer> {
    @Option(names = "--port", defaultValue = "0", description = "Port; 0 picks one (default).")
    int port;

    @Override
    public Integer call() throws IOException {
        try (YardstickServer server = YardstickServer.start(port)) {
            System.out.println("listening on 127.0.0.1:" + server.port());
            while (System.in.read() >= 0) {
                // whoever started this holds the other end: when it is gone, so are we
            }
            return 0;
        }
    }
}
