package io.registrycenter.e2e.container;

import io.registrycenter.e2e.process.Programs;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a program is run, the same in a container and as a plain process: a container here has no network of its own.
 *
 * @param image system property that names the image it is in
 * @param configuration content of its file {@code configuration}; empty: none
 * @param arguments with {@link #HOME} for the directory of its files
 * @param port of the loopback address that it listens on
 */
record Recipe(String program, String image, String configuration, List<String> arguments, int port) {

    static final String HOME = "{home}";

    /** One member. */
    static Recipe etcd() {
        int port = Programs.freePort();
        String peer = "http://127.0.0.1:" + Programs.freePort();
        String client = "http://127.0.0.1:" + port;
        return new Recipe(
                "etcd",
                "etcd.image",
                "",
                List.of(
                        "--data-dir=" + HOME + "/data",
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer,
                        "--logger=zap",
                        "--log-level=warn"),
                port);
    }

    /** HAProxy that gives every stream to the next server that takes connections. */
    static Recipe proxy(List<Programs.Server> servers) {
        int port = Programs.freePort();
        String backends = IntStream.range(0, servers.size())
                .mapToObj(i -> "  server registry-%d 127.0.0.1:%d proto h2 check inter 200ms fall 1 rise 1"
                        .formatted(i, servers.get(i).grpcPort()))
                .collect(Collectors.joining("\n"));
        String configuration = """
                defaults
                  mode http
                  timeout connect 1s
                  timeout client 1h
                  timeout server 1h
                  retries 3
                  option redispatch 1
                frontend clients
                  bind 127.0.0.1:%d proto h2
                  default_backend registry
                backend registry
                  balance roundrobin
                %s
                """.formatted(port, backends);
        return new Recipe("haproxy", "proxy.image", configuration, List.of("-db", "-f", HOME + "/configuration"), port);
    }

    List<String> argumentsIn(String home) {
        return arguments.stream().map(argument -> argument.replace(HOME, home)).toList();
    }

    String target() {
        return "127.0.0.1:" + port;
    }
}
