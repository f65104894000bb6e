package io.registrycenter.store.etcd;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** One etcd process that can be killed, stopped and started again with its data. Not thread-safe. */
public final class EtcdMember implements AutoCloseable {

    private static final long DEADLINE_S = 10;

    private final Path binary;
    private final String name;
    private final int clientPort;
    private final int peerPort;
    private final String cluster;
    private final String scheme;
    private final List<String> options;
    private final Path directory;
    private String dataDirectory = "data";
    private final Thread killer = new Thread(this::close);
    private @Nullable Process process;

    /**
     * Starts nothing yet.
     *
     * @param scheme of its clients, {@code http} or {@code https}
     * @param options more of its command line
     */
    EtcdMember(
            Path binary,
            String name,
            int clientPort,
            int peerPort,
            String cluster,
            String scheme,
            List<String> options) {
        this.binary = binary;
        this.name = name;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
        this.cluster = cluster;
        this.scheme = scheme;
        this.options = List.copyOf(options);
        try {
            this.directory = Files.createTempDirectory("etcd-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(killer);
    }

    public URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + clientPort);
    }

    /** With the data it had. */
    public void start() {
        String peer = "http://127.0.0.1:" + peerPort;
        List<String> line = new ArrayList<>(List.of(
                binary.toString(),
                "--name=" + name,
                "--data-dir=" + directory.resolve(dataDirectory),
                "--listen-client-urls=" + endpoint(),
                "--advertise-client-urls=" + endpoint(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + cluster,
                "--initial-cluster-state=new",
                "--logger=zap",
                "--log-level=warn"));
        line.addAll(options);
        ProcessBuilder command = new ProcessBuilder(line);
        File log = directory.resolve("log").toFile();
        command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        command.environment().keySet().removeIf(variable -> variable.startsWith("ETCD_"));
        try {
            process = command.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until clients can connect: on a busy machine that takes longer than a call may. */
    void awaitListening() {
        Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptionsInstanceOf(IOException.class).until(() -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), clientPort)) {
                return socket.isConnected();
            }
        });
    }

    /** A backup of what it holds, as {@code etcdctl snapshot save} takes it; it runs. */
    public Path backup() {
        Path file = directory.resolve("backup.db");
        etcdctl("--endpoints=" + endpoint(), "snapshot", "save", file.toString());
        return file;
    }

    /** Puts a backup back as {@code etcdctl snapshot restore} does, for the next start; it does not run. */
    public void restore(Path backup) {
        dataDirectory = "restored";
        String peer = "http://127.0.0.1:" + peerPort;
        etcdctl(
                "snapshot",
                "restore",
                backup.toString(),
                "--data-dir=" + directory.resolve(dataDirectory),
                "--name=" + name,
                "--initial-cluster=" + cluster,
                "--initial-advertise-peer-urls=" + peer);
    }

    private void etcdctl(String... words) {
        List<String> line = new ArrayList<>(List.of(EtcdCluster.program("etcdctl").toString()));
        line.addAll(List.of(words));
        ProcessBuilder command = new ProcessBuilder(line);
        command.environment().put("ETCDCTL_API", "3");
        File log = directory.resolve("log").toFile();
        command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        try {
            Process etcdctl = command.start();
            if (!etcdctl.waitFor(DEADLINE_S, TimeUnit.SECONDS) || etcdctl.exitValue() != 0) {
                throw new AssertionError(line + " failed: " + Files.readString(log.toPath()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGKILL; the data stays. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            try {
                if (!running.waitFor(DEADLINE_S, TimeUnit.SECONDS)) {
                    throw new AssertionError("etcd does not die");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process = null;
        }
    }

    /** SIGSTOP: alive, connected, and silent. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("etcd " + name + " does not run");
        }
        try {
            int code = new ProcessBuilder("kill", "-" + signal, Long.toString(running.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new AssertionError("kill -" + signal + " failed with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills it and deletes its data. */
    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
