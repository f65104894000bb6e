package io.registrycenter.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.fault.Relay;
import io.registrycenter.e2e.process.Metrics;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One server of a cluster: its process, which comes and goes, and a network of its own to every member of etcd. Confined to the
 * test's thread.
 */
final class Node implements AutoCloseable {

    private static final Duration STOP = Duration.ofSeconds(30);

    private final List<Relay> toEtcd;
    private final Programs.Server server;
    private Program running;

    private Node(List<Relay> toEtcd, Programs.Server server) {
        this.toEtcd = toEtcd;
        this.server = server;
        this.running = server.begin();
    }

    /** Starts the process. */
    static Node begin(Path directory, String name, Etcd etcd, Map<String, String> environment, List<String> settings) {
        List<Relay> relays = new ArrayList<>();
        for (int i = 0; i < etcd.size(); i++) {
            relays.add(new Relay(etcd.port(i)));
        }
        List<String> all = new ArrayList<>(settings);
        all.add("--registry.store=etcd");
        all.add("--registry.node=" + name);
        all.add("--registry.etcd.prefix=" + Cluster.PREFIX);
        all.add("--registry.etcd.endpoints="
                + relays.stream().map(relay -> "http://" + relay.target()).collect(Collectors.joining(",")));
        Programs.Server server = Programs.Server.in(directory.resolve(name), all.toArray(String[]::new));
        return new Node(relays, server.withEnvironment(environment));
    }

    void awaitReady() {
        Programs.Server.awaitReady(running);
    }

    String target() {
        return server.target();
    }

    Metrics metrics() {
        return server.metrics();
    }

    Program program() {
        return running;
    }

    void kill() {
        running.kill();
    }

    /** SIGTERM, and waits for its end. */
    void terminate() {
        assertThat(running.terminate(STOP)).as("exit code: " + running.errors()).isZero();
    }

    /** A new process in place of one that ended; see {@link #awaitReady}. */
    void begin() {
        running = server.begin();
    }

    void pause() {
        running.pause();
    }

    void resume() {
        running.resume();
    }

    /** Its connections to etcd are reset, and refused from now on. */
    void refuseEtcd() {
        toEtcd.forEach(Relay::refuse);
    }

    /** Nothing gets through to etcd and back, and nobody says so. */
    void holdEtcd() {
        toEtcd.forEach(Relay::hold);
    }

    void healEtcd() {
        toEtcd.forEach(Relay::open);
    }

    @Override
    public void close() {
        running.close();
        toEtcd.forEach(Relay::close);
    }
}
