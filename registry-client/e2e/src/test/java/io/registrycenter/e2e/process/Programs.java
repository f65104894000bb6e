package io.registrycenter.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The programs under test, started by the scripts a user starts them by, and the processes around them. */
public final class Programs {

    public static final Path BUILD = Path.of("target").toAbsolutePath();

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    static final Path JAR = ROOT.resolve("registry-server/target/registry-server.jar");

    /** The JVM of the tests. */
    static final String JAVA = ProcessHandle.current().info().command().orElse("java");

    private static final Path SERVER = ROOT.resolve("registry-server/bin/registry-server");

    /** What chooses the JVM's sizes for the script above. */
    public static final Path JVM_MEMORY = ROOT.resolve("registry-server/bin/jvm-memory");

    private static final Path CTL = ROOT.resolve("registry-client/cli/bin/registryctl");

    /** A JVM that starts while others have the machine busy takes most of a minute. */
    public static final Duration START = Duration.ofMinutes(2);

    private Programs() {}

    /**
     * A server in its own directory on its own ports; it can be killed and started again.
     *
     * @param environment of its script, in addition to that of the tests
     */
    public record Server(
            Path directory, int grpcPort, int httpPort, List<String> settings, Map<String, String> environment) {

        public static Server in(Path directory, String... settings) {
            return new Server(directory, freePort(), freePort(), List.of(settings), Map.of());
        }

        /** With options of the JVM instead of those of its script. */
        public Server withJvm(String options) {
            return withEnvironment(Map.of("REGISTRY_JAVA_OPTS", options));
        }

        public Server withEnvironment(Map<String, String> additions) {
            return new Server(directory, grpcPort, httpPort, settings, additions);
        }

        /** Starts it and waits for the line that says it is ready; one that does not say so is ended. */
        public Program start() {
            Program program = begin();
            try {
                awaitReady(program);
                return program;
            } catch (RuntimeException | Error failed) {
                program.close();
                throw failed;
            }
        }

        public static void awaitReady(Program program) {
            program.await(0, line -> line.contains("ready in"), "its ready line", START);
        }

        public Program begin() {
            createDirectory(directory);
            List<String> command = new ArrayList<>(
                    List.of(SERVER.toString(), "--spring.grpc.server.port=" + grpcPort, "--server.port=" + httpPort));
            command.addAll(settings);
            return Program.start("server", directory, command, environment);
        }

        public String target() {
            return "127.0.0.1:" + grpcPort;
        }

        /** The same addresses, other settings. */
        public Server with(String... others) {
            return new Server(directory, grpcPort, httpPort, List.of(others), environment);
        }

        /** {@code registry-server store ...}, with settings. */
        public void operate(String... words) {
            List<String> command = new ArrayList<>(List.of(SERVER.toString(), "store"));
            command.addAll(List.of(words));
            Program operation = Program.start("store", directory, command);
            assertThat(operation.awaitExit(START))
                    .as(command + ": " + operation.errors())
                    .isZero();
        }

        public Metrics metrics() {
            return Metrics.of(httpPort);
        }

        /** The newest ends with a cause, as {@code /actuator/disconnects} tells them. */
        public List<Event> ends(String cause) {
            return Event.of(Actuator.get(httpPort, "disconnects?limit=1000&cause=" + cause))
                    .each("recent")
                    .toList();
        }
    }

    /** {@code registryctl --json} against a server. */
    public static Program ctl(String name, Server server, String... arguments) {
        List<String> command = new ArrayList<>(List.of(CTL.toString(), "--json", "--server", server.target()));
        command.addAll(List.of(arguments));
        return Program.start(name, server.directory(), command);
    }

    /** A main class of these tests in a process of its own. */
    public static Program java(String name, Path directory, Class<?> main, List<String> jvm, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(JAVA));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return Program.start(name, directory, command);
    }

    /** Sends a signal that Java has no word for. */
    static void signal(String signal, long pid) {
        Program kill = Program.start("kill", BUILD, List.of("kill", "-" + signal, Long.toString(pid)));
        assertThat(kill.awaitExit(Duration.ofSeconds(10))).as("kill -" + signal).isZero();
    }

    private static void createDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
