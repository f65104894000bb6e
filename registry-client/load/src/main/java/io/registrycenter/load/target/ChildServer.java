package io.registrycenter.load.target;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server this program started: ready when the constructor's caller gets it, gone when it is closed or when this
 * program ends. Its output goes to a file. Confined to one thread.
 */
public final class ChildServer implements AutoCloseable {
    private static final long START_DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int STOP_SECONDS = 40;

    private final Process process;
    private final Thread atExit;
    private final Target target;
    private final double readyMs;

    private ChildServer(Process process, Thread atExit, Target target, double readyMs) {
        this.process = process;
        this.atExit = atExit;
        this.target = target;
        this.readyMs = readyMs;
    }

    /**
     * Starts the registry on free ports and waits until it says that it is ready.
     *
     * @param jvmFlags before `-jar`
     * @param directory for its data and its output
     * @throws IllegalStateException when it does not get ready; with the end of its output
     */
    public static ChildServer registry(Path jar, List<String> jvmFlags, Path directory) {
        return registry(Target.REGISTRY, jar, jvmFlags, directory, List.of());
    }

    /** As before, on a member of etcd. */
    public static ChildServer registryOnEtcd(Path jar, List<String> jvmFlags, Path directory, Target etcd) {
        return registry(
                Target.REGISTRY_ETCD,
                jar,
                jvmFlags,
                directory,
                List.of(
                        "--registry.store=etcd",
                        "--registry.etcd.endpoints=http://127.0.0.1:"
                                + etcd.grpc().getPort()));
    }

    private static ChildServer registry(
            String name, Path jar, List<String> jvmFlags, Path directory, List<String> settings) {
        if (!Files.isReadable(jar)) {
            throw new IllegalStateException("no server at " + jar + ": build it, or name it with --server-jar");
        }
        int http = freePort();
        int grpc = freePort();
        List<String> command = command(jvmFlags);
        command.addAll(List.of(
                "-jar",
                jar.toString(),
                "--server.port=" + http,
                "--spring.grpc.server.port=" + grpc,
                "--registry.data-dir=" + directory.resolve("data")));
        command.addAll(settings);
        return start(name, command, directory, grpc, Ready.http(http));
    }

    /** Starts an etcd of one member, the one on the path, as it comes but for room for a long run. */
    public static ChildServer etcd(Path directory) {
        int client = freePort();
        String peer = "http://127.0.0.1:" + freePort();
        List<String> command = List.of(
                "etcd",
                "--data-dir=" + directory.resolve("data"),
                "--listen-client-urls=http://127.0.0.1:" + client,
                "--advertise-client-urls=http://127.0.0.1:" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                "--quota-backend-bytes=" + (8L << 30),
                "--logger=zap",
                "--log-level=warn");
        return start(Target.ETCD, command, directory, client, Ready.listens(client));
    }

    /** Starts the yardstick, which is in the same jar or class path as this program. */
    public static ChildServer yardstick(List<String> jvmFlags, Path directory) {
        int grpc = freePort();
        List<String> command = command(jvmFlags);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.registrycenter.load.RegistryLoad",
                "yardstick",
                "--port=" + grpc));
        return start(Target.YARDSTICK, command, directory, grpc, Ready.listens(grpc));
    }

    private static List<String> command(List<String> jvmFlags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(jvmFlags);
        return command;
    }

    private static ChildServer start(String name, List<String> command, Path directory, int grpcPort, Ready ready) {
        Path log = directory.resolve(name + ".log");
        long began = System.nanoTime();
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .directory(directory.toFile())
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
        Thread atExit = new Thread(process::destroyForcibly, "stop-" + name);
        Runtime.getRuntime().addShutdownHook(atExit);
        while (!ready.now()) {
            if (!process.isAlive() || System.nanoTime() - began > START_DEADLINE_NANOS) {
                process.destroyForcibly();
                throw new IllegalStateException(name + " did not get ready; its output ends:\n" + tail(log));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        double readyMs = (System.nanoTime() - began) / 1e6;
        Target target =
                new Target(name, new InetSocketAddress(InetAddress.getLoopbackAddress(), grpcPort), process.pid());
        return new ChildServer(process, atExit, target, readyMs);
    }

    public Target target() {
        return target;
    }

    /** From the start of the process until it was ready. */
    public double readyMs() {
        return readyMs;
    }

    /** Stops the server with SIGTERM, and hard when that takes too long. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    /** Stops the server with SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        close();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(" + log + " cannot be read: " + e.getMessage() + ")";
        }
    }
}
