package io.registrycenter.store.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real etcd of one or more members, plain processes on free loopback ports, with data in a temporary directory. Whatever is
 * still running when the JVM ends is killed.
 *
 * <p>Needs the binary {@code etcd} ({@code .ci/prepare} fetches it): on the path, or named by the system property
 * {@code etcd.binary}. Where it is missing tests are skipped and say so; with {@code etcd.required=true} they fail.
 */
public final class EtcdCluster implements AutoCloseable {

    private static final String MISSING = "skipped: there is no etcd on this machine (.ci/prepare installs it)";

    private final List<EtcdMember> members;

    private EtcdCluster(List<EtcdMember> members) {
        this.members = members;
    }

    /** Starts members; they elect a leader while the first call waits. */
    public static EtcdCluster start(int size) {
        return start(size, "http");
    }

    /**
     * Likewise.
     *
     * @param scheme of its clients, {@code http} or {@code https}
     * @param options more of the command line of every member
     */
    static EtcdCluster start(int size, String scheme, String... options) {
        Path binary = program("etcd");
        List<String> names =
                IntStream.rangeClosed(1, size).mapToObj(i -> "m" + i).toList();
        List<Integer> ports = freePorts(2 * size);
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            peers.add(names.get(i) + "=http://127.0.0.1:" + ports.get(size + i));
        }
        List<EtcdMember> members = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            members.add(new EtcdMember(
                    binary,
                    names.get(i),
                    ports.get(i),
                    ports.get(size + i),
                    String.join(",", peers),
                    scheme,
                    List.of(options)));
        }
        members.forEach(EtcdMember::start);
        members.forEach(EtcdMember::awaitListening);
        return new EtcdCluster(List.copyOf(members));
    }

    public EtcdMember member(int index) {
        return members.get(index);
    }

    public List<URI> endpoints() {
        return members.stream().map(EtcdMember::endpoint).toList();
    }

    @Override
    public void close() {
        members.forEach(EtcdMember::close);
    }

    /** A program of etcd's; the test is skipped where there is none. */
    static Path program(String name) {
        String named = name.equals("etcd") ? System.getProperty("etcd.binary", "") : "";
        Optional<Path> found = named.isEmpty()
                ? List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                        .map(directory -> Path.of(directory, name))
                        .filter(Files::isExecutable)
                        .findFirst()
                : Optional.of(Path.of(named));
        if (found.isEmpty() && Boolean.getBoolean("etcd.required")) {
            throw new AssertionError("etcd.required=true, but there is no " + name + " on this machine");
        }
        Assumptions.assumeTrue(found.isPresent(), MISSING);
        return found.orElseThrow();
    }

    /** Ports nobody has now; all are held until the last is known, so that they differ. */
    private static List<Integer> freePorts(int count) {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports = held.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : held) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
