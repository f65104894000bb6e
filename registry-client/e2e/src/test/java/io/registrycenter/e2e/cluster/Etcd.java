package io.registrycenter.e2e.cluster;

import io.registrycenter.e2e.process.Connects;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real etcd of several members, plain processes on free loopback ports, each of which can be killed, stopped and started
 * again with its data. Confined to the test's thread.
 *
 * <p>Needs the binary {@code etcd} on the path, or named by the system property {@code etcd.binary}. Where it is missing tests
 * are skipped and say so; with {@code etcd.required=true} they fail.
 */
final class Etcd implements AutoCloseable {

    private static final String MISSING = "skipped: there is no etcd on this machine (.ci/prepare installs it)";
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration ELECTION = Duration.ofSeconds(30);

    private final Path binary;
    private final Path directory;
    private final List<Member> members = new ArrayList<>();
    private final String peers;

    /** One member: its ports stay, its process comes and goes. */
    private static final class Member {
        final int port = Programs.freePort();
        final int peerPort = Programs.freePort();
        final EtcdCalls calls = new EtcdCalls(port);
        Optional<Program> running = Optional.empty();
    }

    private Etcd(Path binary, Path directory, int size) {
        this.binary = binary;
        this.directory = directory;
        for (int i = 0; i < size; i++) {
            members.add(new Member());
        }
        peers = IntStream.range(0, size)
                .mapToObj(i -> name(i) + "=" + peerUrl(i))
                .collect(Collectors.joining(","));
    }

    /** Starts all members and waits until they have a leader. */
    static Etcd start(Path directory, int size) {
        Etcd etcd = new Etcd(binary(), directory, size);
        for (int i = 0; i < size; i++) {
            etcd.launch(i);
        }
        for (int i = 0; i < size; i++) {
            etcd.awaitUp(i);
        }
        etcd.leader();
        return etcd;
    }

    int size() {
        return members.size();
    }

    int port(int member) {
        return members.get(member).port;
    }

    /** Which member leads; waits for an election that goes on. */
    int leader() {
        return Await.value(
                "a leader of etcd",
                ELECTION,
                () -> IntStream.range(0, members.size())
                        .filter(i -> members.get(i).running.isPresent())
                        .filter(i -> members.get(i).calls.leads())
                        .boxed()
                        .findFirst());
    }

    /** Calls that the leader answers. */
    EtcdCalls calls() {
        return members.get(leader()).calls;
    }

    void kill(int member) {
        members.get(member).running.ifPresent(Program::kill);
        members.get(member).running = Optional.empty();
    }

    void pause(int member) {
        members.get(member).running.orElseThrow().pause();
    }

    void resume(int member) {
        members.get(member).running.orElseThrow().resume();
    }

    /** Starts a killed member again, with its data. */
    void start(int member) {
        launch(member);
        awaitUp(member);
    }

    private void launch(int member) {
        String client = "http://127.0.0.1:" + port(member);
        Program program = Program.start(
                "etcd-" + name(member),
                directory,
                List.of(
                        binary.toString(),
                        "--name=" + name(member),
                        "--data-dir=" + directory.resolve(name(member)),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peerUrl(member),
                        "--initial-advertise-peer-urls=" + peerUrl(member),
                        "--initial-cluster=" + peers,
                        "--initial-cluster-state=new",
                        "--logger=zap",
                        "--log-level=warn"));
        members.get(member).running = Optional.of(program);
    }

    private void awaitUp(int member) {
        Connects.await(port(member), START, members.get(member).running.orElseThrow());
    }

    private String peerUrl(int member) {
        return "http://127.0.0.1:" + members.get(member).peerPort;
    }

    private static String name(int member) {
        return "m" + member;
    }

    @Override
    public void close() {
        members.forEach(member -> member.running.ifPresent(Program::close));
    }

    private static Path binary() {
        String named = System.getProperty("etcd.binary", "");
        Optional<Path> found = named.isEmpty()
                ? List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                        .map(folder -> Path.of(folder, "etcd"))
                        .filter(Files::isExecutable)
                        .findFirst()
                : Optional.of(Path.of(named));
        if (found.isEmpty() && Boolean.getBoolean("etcd.required")) {
            throw new AssertionError("etcd.required=true, but there is no etcd on this machine");
        }
        Assumptions.assumeTrue(found.isPresent(), MISSING);
        return found.orElseThrow();
    }
}
