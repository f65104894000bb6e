package io.registrycenter.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The programs under test, started by the scripts a user starts them by. */
final class Programs {

    static final Path BUILD = Path.of("target").toAbsolutePath();

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Path SERVER = ROOT.resolve("registry-server/bin/registry-server");
    private static final Path CTL = ROOT.resolve("registry-client/cli/bin/registryctl");

    static final Duration START = Duration.ofSeconds(60);

    private Programs() {}

    /** A server in its own directory on its own ports; it can be killed and started again. */
    record Server(Path directory, int grpcPort, int httpPort, List<String> settings) {

        static Server in(Path directory, String... settings) {
            return new Server(directory, freePort(), freePort(), List.of(settings));
        }

        /** Starts it and waits for the line that says it is ready. */
        Program start() {
            Program program = begin();
            program.await(0, line -> line.contains("ready in"), "its ready line", START);
            return program;
        }

        Program begin() {
            List<String> command = new ArrayList<>(
                    List.of(SERVER.toString(), "--spring.grpc.server.port=" + grpcPort, "--server.port=" + httpPort));
            command.addAll(settings);
            return Program.start("server", directory, command);
        }

        String target() {
            return "127.0.0.1:" + grpcPort;
        }
    }

    /** {@code registryctl --json} against a server. */
    static Program ctl(String name, Server server, String... arguments) {
        List<String> command = new ArrayList<>(List.of(CTL.toString(), "--json", "--server", server.target()));
        command.addAll(List.of(arguments));
        return Program.start(name, server.directory(), command);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
