package io.registrycenter.store.etcd;

import io.registrycenter.Containers;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.containers.Network;
import org.testcontainers.utility.DockerImageName;

/**
 * A real etcd of one or more members on free ports of the loopback address. Whatever is still running when the JVM ends is
 * killed, and its data is gone.
 *
 * <p>Members are containers of the image that the system property {@code etcd.image} names, else plain processes
 * ({@link Containers} chooses). These need the binary {@code etcd} ({@code .ci/prepare} installs it): on the path, or named by
 * the system property {@code etcd.binary}. Where it is missing tests are skipped and say so; with {@code etcd.required=true} they
 * fail.
 */
public final class EtcdCluster implements AutoCloseable {

    private static final String MISSING = "skipped: there is no etcd on this machine (.ci/prepare installs it)";

    private static final long ELECTION_S = 20;

    private final List<EtcdMember> members;
    private final Runnable rest;

    private EtcdCluster(List<EtcdMember> members, Runnable rest) {
        this.members = List.copyOf(members);
        this.rest = rest;
        members.parallelStream().forEach(EtcdMember::start);
    }

    /** Starts members; they elect a leader while the first call waits. */
    public static EtcdCluster start(int size) {
        List<String> names =
                IntStream.rangeClosed(1, size).mapToObj(i -> "m" + i).toList();
        return Containers.image("etcd", "etcd.image")
                .map(image -> containers(image, names))
                .orElseGet(() -> processes(names));
    }

    private static EtcdCluster containers(DockerImageName image, List<String> names) {
        Network network = Network.newNetwork();
        List<Integer> ports = freePorts(names.size());
        return new EtcdCluster(
                IntStream.range(0, names.size())
                        .<EtcdMember>mapToObj(i -> new EtcdContainer(image, network, names.get(i), names, ports.get(i)))
                        .toList(),
                network::close);
    }

    private static EtcdCluster processes(List<String> names) {
        Path binary = program("etcd");
        int size = names.size();
        List<Integer> ports = freePorts(2 * size);
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            peers.add(names.get(i) + "=http://127.0.0.1:" + ports.get(size + i));
        }
        List<EtcdMember> members = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            members.add(
                    new EtcdProcess(binary, names.get(i), ports.get(i), ports.get(size + i), String.join(",", peers)));
        }
        return new EtcdCluster(members, () -> {});
    }

    public EtcdMember member(int index) {
        return members.get(index);
    }

    /** The member that leads, once there is one. */
    public EtcdMember leader() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ELECTION_S);
        do {
            Optional<EtcdMember> leader =
                    members.stream().filter(EtcdMember::leads).findFirst();
            if (leader.isPresent()) {
                return leader.get();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        } while (System.nanoTime() - deadline < 0);
        throw new AssertionError("no leader within " + ELECTION_S + " s");
    }

    public List<URI> endpoints() {
        return members.stream().map(EtcdMember::endpoint).toList();
    }

    @Override
    public void close() {
        members.forEach(EtcdMember::close);
        rest.run();
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
    static List<Integer> freePorts(int count) {
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
