package io.registrycenter.load;

import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.ChildServer;
import io.registrycenter.load.target.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that measures: which servers, how long, how often. */
final class RunOptions {
    private static final Pattern ADDRESS =
            Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9_][A-Za-z0-9_.-]*))(?::([0-9]{1,5}))?");
    private static final int DEFAULT_PORT = 9090;
    private static final int MAX_PORT = 65_535;

    /** The servers that can be measured. */
    enum Kind {
        REGISTRY(Target.REGISTRY),
        REGISTRY_ETCD(Target.REGISTRY_ETCD),
        YARDSTICK(Target.YARDSTICK),
        ETCD(Target.ETCD);

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    @Option(
            names = "--targets",
            split = ",",
            defaultValue = "registry,yardstick",
            description = "What to measure, in turns: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    List<Kind> targets = List.of();

    @Option(names = "--server-jar", description = "The registry's jar (default: the one in this source tree).")
    @Nullable
    Path serverJar;

    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            description = "A registry that runs already, on loopback; needs --server-pid.")
    @Nullable
    String server;

    @Option(names = "--server-pid", description = "The process of --server.")
    long serverPid;

    @Option(
            names = "--server-jvm",
            split = ",",
            defaultValue = "-Xmx1g",
            description = "JVM flags of the servers started here, separated by commas (default: ${DEFAULT-VALUE}).")
    List<String> serverJvm = List.of();

    @Option(names = "--size", defaultValue = "small", description = "${COMPLETION-CANDIDATES} (default: small).")
    Size size = Size.SMALL;

    @Option(names = "--pairs", description = "Rounds, each against every target (default: 1, full 5).")
    @Nullable
    Integer pairs;

    @Option(names = "--warm-up", description = "Seconds of load before the first round (default: 2, full 10).")
    @Nullable
    Integer warmUp;

    @Option(names = "--seconds", description = "Seconds of load in a round (default: 2, full 5).")
    @Nullable
    Integer seconds;

    int pairs() {
        return pairs == null ? size.of(1, 5) : pairs;
    }

    int warmUp() {
        return warmUp == null ? size.of(2, 10) : warmUp;
    }

    int seconds() {
        return seconds == null ? size.of(2, 5) : seconds;
    }

    Path serverJar() {
        if (serverJar != null) {
            return serverJar;
        }
        return Path.of(System.getProperty("registry.home", "."), "registry-server/target/registry-server.jar");
    }

    /** Parameters printed with every figure. */
    Map<String, Object> params() {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("warm_up_s", warmUp());
        params.put("seconds", seconds());
        params.put("cores", Runtime.getRuntime().availableProcessors());
        params.put("jdk", Runtime.version().feature());
        return params;
    }

    Figures figures(Map<String, Object> params) {
        return new Figures(System.out, System.err, params);
    }

    /** The servers, ready; without etcd itself, which is no registry. */
    Servers start() {
        if (targets.contains(Kind.ETCD)) {
            throw new IllegalStateException("etcd without a registry can only be loaded by the command register");
        }
        return start(targets);
    }

    /** Servers of these kinds, ready, in this order. */
    Servers start(List<Kind> kinds) {
        Scratch scratch = Scratch.make();
        List<ChildServer> children = new ArrayList<>();
        List<Target> all = new ArrayList<>();
        Servers servers = new Servers(scratch, children, all);
        try {
            if (kinds.contains(Kind.REGISTRY_ETCD) || kinds.contains(Kind.ETCD)) {
                children.add(ChildServer.etcd(scratch.directory(Target.ETCD)));
            }
            for (Kind kind : kinds) {
                if (kind == Kind.REGISTRY && server != null) {
                    all.add(external(server));
                } else if (kind == Kind.ETCD) {
                    all.add(servers.etcd());
                } else {
                    ChildServer child = child(kind, scratch.directory(kind.toString()), servers);
                    children.add(child);
                    all.add(child.target());
                }
            }
        } catch (RuntimeException e) {
            servers.close();
            throw e;
        }
        return servers;
    }

    private ChildServer child(Kind kind, Path directory, Servers servers) {
        return switch (kind) {
            case REGISTRY -> ChildServer.registry(serverJar(), serverJvm, directory);
            case REGISTRY_ETCD -> ChildServer.registryOnEtcd(serverJar(), serverJvm, directory, servers.etcd());
            case YARDSTICK -> ChildServer.yardstick(serverJvm, directory);
            case ETCD -> throw new IllegalArgumentException("etcd is there before the others");
        };
    }

    private Target external(String address) {
        if (serverPid == 0) {
            throw new IllegalStateException("--server needs --server-pid: " + address);
        }
        return new Target(Target.REGISTRY, address(address), serverPid);
    }

    /**
     * Reads an address by the rules of the client.
     *
     * @throws IllegalStateException when it breaks them, or its name is unknown
     */
    static InetSocketAddress address(String text) {
        Matcher parts = ADDRESS.matcher(text);
        String digits = parts.matches() ? parts.group(3) : "0";
        int port = digits == null ? DEFAULT_PORT : Integer.parseInt(digits);
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalStateException(
                    "--server must be HOST:PORT, was \"" + text + "\": a name or IPv4 address, or an IPv6"
                            + " address in brackets, without a scheme and blanks, and a port of 1.." + MAX_PORT
                            + "; left out with its colon it is " + DEFAULT_PORT);
        }
        String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalStateException("--server must be a server on this machine, \"" + host + "\" is not known");
        }
        return address;
    }

    /** Running servers; closing stops those that were started here and deletes what they wrote. */
    record Servers(Scratch scratch, List<ChildServer> children, List<Target> targets) implements AutoCloseable {
        /** The member of etcd that a registry is on. */
        Target etcd() {
            return children.stream()
                    .map(ChildServer::target)
                    .filter(target -> target.name().equals(Target.ETCD))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("there is no etcd among the targets"));
        }

        @Override
        public void close() {
            children.reversed().forEach(ChildServer::close);
            try {
                scratch.close();
            } catch (IOException e) {
                System.err.println("registry-load: cannot delete " + scratch.path() + ": " + e.getMessage());
            }
        }
    }
}
