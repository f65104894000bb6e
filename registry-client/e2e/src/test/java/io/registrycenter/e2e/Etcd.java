package io.registrycenter.e2e;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** An etcd of one member, in a process of its own; the test is skipped where there is none, see {@code .ci/prepare}. */
final class Etcd implements AutoCloseable {

    private final Program program;
    private final URI endpoint;

    private Etcd(Program program, URI endpoint) {
        this.program = program;
        this.endpoint = endpoint;
    }

    static Etcd start(Path directory) {
        Optional<Path> binary = List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                .map(place -> Path.of(place, "etcd"))
                .filter(Files::isExecutable)
                .findFirst();
        if (binary.isEmpty() && Boolean.getBoolean("etcd.required")) {
            throw new AssertionError("etcd.required=true, but there is no etcd on this machine");
        }
        Assumptions.assumeTrue(binary.isPresent(), "skipped: there is no etcd on this machine (.ci/prepare installs it)");
        URI endpoint = URI.create("http://127.0.0.1:" + Programs.freePort());
        String peer = "http://127.0.0.1:" + Programs.freePort();
        Program program = Program.start(
                "etcd",
                directory,
                List.of(
                        binary.orElseThrow().toString(),
                        "--data-dir=" + directory.resolve("etcd"),
                        "--listen-client-urls=" + endpoint,
                        "--advertise-client-urls=" + endpoint,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer,
                        "--logger=zap",
                        "--log-level=warn"));
        return new Etcd(program, endpoint);
    }

    URI endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        program.close();
    }
}
