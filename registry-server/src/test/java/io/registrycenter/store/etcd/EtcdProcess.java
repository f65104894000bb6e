package io.registrycenter.store.etcd;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A plain process. Other than a container it takes options of its own, and a backup can be put back. */
public final class EtcdProcess implements EtcdMember {

    private static final long DEADLINE_S = 10;
    private static final String JUNK = "/somebody-else/";
    private static final int MOST_JUNK = 64;

    private final Path binary;
    private final String name;
    private final int clientPort;
    private final int peerPort;
    private final String cluster;
    private final String scheme;
    private final List<String> options;
    private final Path directory;
    private String dataDirectory = "data";
    private int backups;
    private int restores;
    private final Thread killer = new Thread(this::close);
    private @Nullable Process process;

    EtcdProcess(Path binary, String name, int clientPort, int peerPort, String cluster) {
        this(binary, name, clientPort, peerPort, cluster, "http", List.of());
    }

    private EtcdProcess(
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
        this.options = options;
        try {
            this.directory = Files.createTempDirectory("etcd-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /**
     * The only member of its cluster, started, and listening.
     *
     * @param scheme of its clients, {@code http} or {@code https}
     * @param options more of its command line
     */
    public static EtcdProcess alone(String scheme, String... options) {
        Path binary = EtcdCluster.program("etcd");
        List<Integer> ports = EtcdCluster.freePorts(2);
        EtcdProcess member = new EtcdProcess(
                binary,
                "m1",
                ports.get(0),
                ports.get(1),
                "m1=http://127.0.0.1:" + ports.get(1),
                scheme,
                List.of(options));
        member.start();
        member.awaitListening();
        return member;
    }

    @Override
    public URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + clientPort);
    }

    @Override
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

    /** A backup of what it holds, as {@code etcdctl snapshot save} takes it; it runs. */
    public Path backup() {
        Path file = directory.resolve("backup-" + backups++ + ".db");
        etcdctl("--endpoints=" + endpoint(), "snapshot", "save", file.toString());
        return file;
    }

    /** Puts a backup back as {@code etcdctl snapshot restore} does, for the next start; it does not run. */
    public void restore(Path backup) {
        dataDirectory = "restored-" + restores++;
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

    /** A command of {@code etcdctl} to it while it runs; fails when that does. */
    public void command(String... words) {
        List<String> line = new ArrayList<>(List.of("--endpoints=" + endpoint()));
        line.addAll(List.of(words));
        etcdctl(line.toArray(String[]::new));
    }

    /** Fills it with keys of somebody else until it raises the alarm NOSPACE; it has a small {@code --quota-backend-bytes}. */
    public void fill() {
        try {
            Path junk = Files.write(directory.resolve("junk"), new byte[1 << 20]);
            int puts = 0;
            while (run(junk, "etcdctl", "--endpoints=" + endpoint(), "put", JUNK + puts) == 0) {
                puts++;
                if (puts > MOST_JUNK) {
                    throw new AssertionError("etcd took " + puts + " MiB: it has no small quota");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes room in the way that etcd's documentation gives: delete, compact to the head, defragment, disarm. */
    public void empty() {
        command("del", "--prefix", JUNK);
        compactToHead();
        command("defrag");
        command("alarm", "disarm");
    }

    /** Forgets all of its history but the newest revision. */
    public void compactToHead() {
        try {
            HttpRequest request = HttpRequest.newBuilder(endpoint().resolve("/v3/kv/range"))
                    .timeout(Duration.ofSeconds(DEADLINE_S))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"AA==\"}"))
                    .build();
            try (HttpClient http = HttpClient.newHttpClient()) {
                String answer =
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body();
                command("compact", answer.replaceAll(".*\"revision\":\"(\\d+)\".*", "$1"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void etcdctl(String... words) {
        List<String> line = new ArrayList<>(List.of("etcdctl"));
        line.addAll(List.of(words));
        try {
            if (run(null, line.toArray(String[]::new)) != 0) {
                throw new AssertionError(line + " failed: " + Files.readString(directory.resolve("log")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its exit code. */
    private int run(@Nullable Path input, String... line) throws IOException {
        List<String> words = new ArrayList<>(List.of(line));
        words.set(0, EtcdCluster.program(line[0]).toString());
        ProcessBuilder command = new ProcessBuilder(words);
        command.environment().put("ETCDCTL_API", "3");
        if (input != null) {
            command.redirectInput(input.toFile());
        }
        File log = directory.resolve("log").toFile();
        command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        Process etcdctl = command.start();
        try {
            if (!etcdctl.waitFor(DEADLINE_S, TimeUnit.SECONDS)) {
                etcdctl.destroyForcibly();
                throw new AssertionError(words + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return etcdctl.exitValue();
    }

    @Override
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

    @Override
    public void pause() {
        signal("STOP");
    }

    @Override
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
