package io.registrycenter.observe.sockets;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the kernel knows, at most once in {@link #KEEP_NANOS} however many ask.
 *
 * <p>Any thread that may read files, so no event loop; with ten thousand connections a reading takes some tens of milliseconds,
 * and who asks meanwhile waits for it.
 */
public final class SocketReader {

    static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final Logger log = LoggerFactory.getLogger(SocketReader.class);

    private final Path net;
    private final Supplier<Set<Integer>> ports;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private Optional<SocketFacts> known = Optional.empty();

    @GuardedBy("this")
    private Optional<SocketFacts.Counters> first = Optional.empty();

    @GuardedBy("this")
    private long readNanos;

    @GuardedBy("this")
    private boolean read;

    /** @param ports this server listens on, asked for each reading */
    public SocketReader(Supplier<Set<Integer>> ports, LongSupplier nanoTime) {
        this(Path.of("/proc/self/net"), ports, nanoTime);
    }

    /** @param net a directory with the files {@code tcp}, {@code tcp6}, {@code snmp} and {@code netstat} */
    SocketReader(Path net, Supplier<Set<Integer>> ports, LongSupplier nanoTime) {
        this.net = net;
        this.ports = ports;
        this.nanoTime = nanoTime;
    }

    /** Whether this system tells anything. */
    public boolean available() {
        return Files.isReadable(net.resolve("tcp"));
    }

    /** The facts, at most a few seconds old; empty where the system tells none. */
    public synchronized Optional<SocketFacts> facts() {
        long now = nanoTime.getAsLong();
        if (!read || now - readNanos >= KEEP_NANOS) {
            known = available() ? readAll() : Optional.empty();
            read = true;
            readNanos = now;
        }
        return known;
    }

    @GuardedBy("this")
    private Optional<SocketFacts> readAll() {
        try {
            TcpTable table = new TcpTable(ports.get());
            add(table, "tcp");
            add(table, "tcp6");
            SocketFacts.Counters counters = counters();
            if (first.isEmpty()) {
                first = Optional.of(counters);
            }
            long[] descriptors = descriptors();
            return Optional.of(new SocketFacts(
                    descriptors[0],
                    descriptors[1],
                    table.connections(),
                    table.acceptQueue(),
                    table.backlogSockets(),
                    table.backlogBytes(),
                    counters,
                    counters.minus(first.orElse(counters))));
        } catch (IOException e) {
            log.warn("{} cannot be read; nothing is known of sockets", net, e);
            return Optional.empty();
        }
    }

    private void add(TcpTable table, String file) throws IOException {
        Path path = net.resolve(file);
        // Without IPv6 there is no such file.
        if (Files.isReadable(path)) {
            try (BufferedReader lines = Files.newBufferedReader(path)) {
                table.add(lines);
            }
        }
    }

    private SocketFacts.Counters counters() throws IOException {
        Map<String, Long> tcp = KernelCounters.of(lines("snmp"), "Tcp:");
        Map<String, Long> more = KernelCounters.of(lines("netstat"), "TcpExt:");
        return new SocketFacts.Counters(
                more.getOrDefault("ListenOverflows", 0L),
                more.getOrDefault("ListenDrops", 0L),
                tcp.getOrDefault("OutRsts", 0L),
                tcp.getOrDefault("EstabResets", 0L));
    }

    private List<String> lines(String file) throws IOException {
        Path path = net.resolve(file);
        return Files.isReadable(path) ? Files.readAllLines(path) : List.of();
    }

    private static long[] descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? new long[] {unix.getOpenFileDescriptorCount(), unix.getMaxFileDescriptorCount()}
                : new long[] {0, 0};
    }
}
