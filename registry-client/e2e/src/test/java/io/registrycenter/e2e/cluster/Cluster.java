package io.registrycenter.e2e.cluster;

import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.process.Unpacked;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Three servers on three members of etcd. Confined to the test's thread. */
final class Cluster implements AutoCloseable {

    static final String PREFIX = "/registry/";

    private static final int SIZE = 3;

    /** Small: three of them share a machine with everything else. Full: what its script says. */
    private static final String JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms32m -Xmx256m";

    private final Etcd etcd;
    private final List<Node> nodes;

    private Cluster(Etcd etcd, List<Node> nodes) {
        this.etcd = etcd;
        this.nodes = nodes;
    }

    /** Starts everything and waits until every server is ready. */
    static Cluster start(Path directory, String... settings) {
        Map<String, String> environment = Proof.FULL ? Map.of() : Unpacked.environment(JVM);
        Etcd etcd = Etcd.start(directory, SIZE);
        List<Node> nodes = new ArrayList<>();
        Cluster cluster = new Cluster(etcd, nodes);
        try {
            for (int i = 0; i < SIZE; i++) {
                nodes.add(Node.begin(directory, "node-" + i, etcd, environment, List.of(settings)));
            }
            nodes.forEach(Node::awaitReady);
            return cluster;
        } catch (RuntimeException | Error failed) {
            cluster.close();
            throw failed;
        }
    }

    Etcd etcd() {
        return etcd;
    }

    List<Node> nodes() {
        return List.copyOf(nodes);
    }

    Node node(int index) {
        return nodes.get(index);
    }

    /** Of all servers, as a swarm takes them. */
    String targets() {
        return nodes.stream().map(Node::target).collect(Collectors.joining(","));
    }

    /** The newest revision of etcd. */
    long revision() {
        return etcd.calls().revision();
    }

    @Override
    public void close() {
        nodes.forEach(Node::close);
        etcd.close();
    }
}
