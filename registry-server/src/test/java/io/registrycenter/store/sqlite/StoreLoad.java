package io.registrycenter.store.sqlite;

import com.sun.management.OperatingSystemMXBean;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast the embedded engine commits, alone: run by hand, prints one JSON line a round. Arguments: transactions in flight,
 * seconds a round, rounds. One following is running, as in a server.
 */
final class StoreLoad {

    private static final int PRODUCERS = 4;
    private static final int INSTANCES = 20_000;
    private static final int MAX_SAMPLES = 1 << 20;

    private StoreLoad() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        int inFlight = Integer.parseInt(args[0]);
        int seconds = Integer.parseInt(args[1]);
        int rounds = Integer.parseInt(args[2]);
        Path directory = Files.createTempDirectory("store-load");
        try (Store store = SqliteStore.open(directory, false)) {
            store.follow(store.head(), new Counting());
            store.commit(new Transaction(List.of(), List.of(session()))).join();
            for (int round = 0; round < rounds; round++) {
                System.out.println(round(store, inFlight, seconds));
            }
        }
        long start = System.nanoTime();
        try (Store store = SqliteStore.open(directory, false)) {
            System.out.printf(
                    "{\"opened_log_bytes\":%d,\"ms\":%d}%n",
                    store.historyBytes(), (System.nanoTime() - start) / 1_000_000);
            compact(store);
        }
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static void compact(Store store) {
        long bytes = store.historyBytes();
        long start = System.nanoTime();
        long floor = store.compact(store.head()).join();
        System.out.printf(
                "{\"compacted_commits\":%d,\"compacted_bytes\":%d,\"ms\":%d}%n",
                floor, bytes, (System.nanoTime() - start) / 1_000_000);
    }

    private static String round(Store store, int inFlight, int seconds) throws InterruptedException {
        long[] micros = new long[MAX_SAMPLES];
        AtomicInteger samples = new AtomicInteger();
        AtomicLong done = new AtomicLong();
        long cpu = cpuNanos();
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        Thread[] producers = new Thread[PRODUCERS];
        for (int p = 0; p < PRODUCERS; p++) {
            int producer = p;
            producers[p] = Thread.ofPlatform().start(() -> {
                Semaphore window = new Semaphore(inFlight / PRODUCERS);
                for (int i = producer; System.nanoTime() < end; i += PRODUCERS) {
                    window.acquireUninterruptibly();
                    long sent = System.nanoTime();
                    var unused = store.commit(registration(i % INSTANCES)).whenComplete((outcome, failure) -> {
                        int sample = samples.getAndIncrement();
                        if (sample < MAX_SAMPLES) {
                            micros[sample] = (System.nanoTime() - sent) / 1000;
                        }
                        done.incrementAndGet();
                        window.release();
                    });
                }
                window.acquireUninterruptibly(inFlight / PRODUCERS);
            });
        }
        for (Thread producer : producers) {
            producer.join();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        int measured = Math.min(samples.get(), MAX_SAMPLES);
        Arrays.sort(micros, 0, measured);
        return String.format(
                "{\"in_flight\":%d,\"commits_per_s\":%.0f,\"p50_us\":%d,\"p99_us\":%d,\"max_us\":%d,\"cpu_us_per_commit\":%.1f}",
                inFlight,
                done.get() / elapsed,
                micros[measured / 2],
                micros[(int) (measured * 0.99)],
                micros[measured - 1],
                (cpuNanos() - cpu) / 1e3 / done.get());
    }

    /** About 330 bytes as JSON, one guard, as a registration has. */
    private static Transaction registration(int i) {
        String id = "orders-" + i;
        String service = "orders-" + i % 100;
        RecordKey key = new RecordKey.OfInstance(new InstanceKey("prod", service, id));
        Instance instance = new Instance(
                service,
                id,
                List.of(new Endpoint("grpc", "10.1." + (i >> 8) + "." + (i & 255), 9090, false)),
                "eu-central-1a",
                Instance.DEFAULT_WEIGHT,
                Map.of("version", "1.14.2", "commit", "8f14e45fceea167a", "stack", "blue"),
                InstanceStatus.UP,
                0,
                0);
        RecordValue value = new RecordValue.InstanceRecord(instance, SESSION.sessionId(), "request-" + i);
        return new Transaction(List.of(new Guard(SESSION, 1)), List.of(new Mutation(key, value)));
    }

    private static final RecordKey.OfSession SESSION = new RecordKey.OfSession("9f86d081884c7d659a2feaa0c55ad015");

    private static Mutation session() {
        return new Mutation(SESSION, new RecordValue.SessionRecord("node-1", 1, "", 15_000, ClientInfo.UNKNOWN, null));
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static final class Counting implements Follower {
        private long last;

        @Override
        public void commit(Commit commit) {
            if (commit.revision() <= last) {
                throw new IllegalStateException("revision " + commit.revision() + " after " + last);
            }
            last = commit.revision();
        }

        @Override
        public void compacted(long floor) {
            throw new IllegalStateException("compacted to " + floor);
        }

        @Override
        public void lost(Throwable cause) {
            // Closing the store ends it so.
        }
    }
}
