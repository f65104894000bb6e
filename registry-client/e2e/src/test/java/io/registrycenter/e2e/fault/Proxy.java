package io.registrycenter.e2e.fault;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registrycenter.e2e.process.Connects;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The proxies people put in front, as their packages bring them, with a short idle timer. */
public enum Proxy {
    NGINX("nginx") {
        @Override
        List<String> command(String program, Path configuration) {
            String home = configuration.getParent().toString();
            return List.of(program, "-p", home, "-e", "stderr", "-c", configuration.toString());
        }

        @Override
        String configuration(int port, int serverPort, Duration timer) {
            return """
                    daemon off;
                    master_process off;
                    pid nginx.pid;
                    error_log stderr;
                    events { worker_connections 512; }
                    http {
                      access_log off;
                      client_body_temp_path body;
                      fastcgi_temp_path fastcgi;
                      proxy_temp_path proxy;
                      scgi_temp_path scgi;
                      uwsgi_temp_path uwsgi;
                      server {
                        listen 127.0.0.1:%1$d http2;
                        client_body_timeout %3$ds;
                        client_max_body_size 0;
                        send_timeout %3$ds;
                        keepalive_timeout %3$ds;
                        location / {
                          grpc_pass grpc://127.0.0.1:%2$d;
                          grpc_read_timeout %3$ds;
                          grpc_send_timeout %3$ds;
                        }
                      }
                    }
                    """.formatted(port, serverPort, timer.toSeconds());
        }
    },
    HAPROXY("haproxy") {
        @Override
        List<String> command(String program, Path configuration) {
            return List.of(program, "-db", "-f", configuration.toString());
        }

        @Override
        String configuration(int port, int serverPort, Duration timer) {
            return """
                    defaults
                      mode http
                      timeout connect %3$ds
                      timeout client %3$ds
                      timeout server %3$ds
                    frontend clients
                      bind 127.0.0.1:%1$d proto h2
                      default_backend registry
                    backend registry
                      server registry 127.0.0.1:%2$d proto h2
                    """.formatted(port, serverPort, timer.toSeconds());
        }
    };

    private static final Duration START = Duration.ofSeconds(20);

    private final String program;

    Proxy(String program) {
        this.program = program;
    }

    abstract List<String> command(String program, Path configuration);

    abstract String configuration(int port, int serverPort, Duration timer);

    /** Skips the test, saying so, when the program is not there. */
    public void assumeInstalled() {
        assumeTrue(find().isPresent(), program + " is not installed; on Debian it is in the package of that name");
    }

    /** A proxy in front of a server that ends what is silent for the timer, ready to be connected to. */
    public Running start(Path directory, Programs.Server server, Duration timer) {
        int port = Programs.freePort();
        try {
            Path home = Files.createTempDirectory(directory, program);
            Path file = home.resolve("proxy.conf");
            Files.writeString(file, configuration(port, server.grpcPort(), timer));
            Program running = Program.start(program, home, command(find().orElseThrow(), file));
            Connects.await(port, START, running);
            return new Running("127.0.0.1:" + port, running);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<String> find() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** A proxy and where it listens. */
    public record Running(String target, Program program) implements AutoCloseable {
        @Override
        public void close() {
            program.close();
        }
    }
}
