package io.registrycenter.store.etcd;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.wire.KVGrpc;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/**
 * How fast the etcd engine commits against a bare load of the same transactions on the same etcd of one member, in turns: run by
 * hand, prints one JSON line a round and the median ratio. Arguments: transactions in flight, seconds a round, rounds. One
 * following is running beside the engine, as in a server.
 */
final class EtcdLoad {

    private static final int INSTANCES = 20_000;
    private static final RecordKey.OfSession SESSION = new RecordKey.OfSession("9f86d081884c7d659a2feaa0c55ad015");

    private EtcdLoad() {}

    public static void main(String[] args) throws InterruptedException {
        int inFlight = Integer.parseInt(args[0]);
        int seconds = Integer.parseInt(args[1]);
        int rounds = Integer.parseInt(args[2]);
        try (EtcdCluster etcd = EtcdCluster.start(1);
                Store store = EtcdStore.open(EtcdSettings.plain(etcd.endpoints(), "/load/"))) {
            long session = ((Outcome.Committed) store.commit(new Transaction(List.of(), List.of(session())))
                            .join())
                    .revision();
            URI endpoint = etcd.endpoints().getFirst();
            ManagedChannel channel = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort())
                    .usePlaintext()
                    .directExecutor()
                    .build();
            Keyspace keys = new Keyspace("/load/");
            double[] ratios = new double[rounds];
            // Round -1 warms up both and does not count.
            for (int round = -1; round < rounds; round++) {
                double bare = round(
                        "bare", inFlight, seconds, (i, done) -> bare(channel, keys, registration(i, session), i, done));
                Store.Following following = store.follow(store.head(), new Counting());
                double engine = round("engine", inFlight, seconds, (i, done) -> {
                    var unused = store.commit(registration(i, session)).whenComplete((outcome, failure) -> done.run());
                });
                following.close();
                if (round >= 0) {
                    ratios[round] = engine / bare;
                }
            }
            Arrays.sort(ratios);
            System.out.printf("{\"ratio_median\":%.2f,\"ratios\":%s}%n", ratios[rounds / 2], Arrays.toString(ratios));
            channel.shutdownNow();
        }
    }

    private static void bare(ManagedChannel channel, Keyspace keys, Transaction transaction, int i, Runnable done) {
        ClientCalls.asyncUnaryCall(
                channel.newCall(KVGrpc.getTxnMethod(), CallOptions.DEFAULT),
                Txns.request(keys, transaction, "bare-" + i),
                new Answer<>(answer -> done.run(), failure -> done.run()));
    }

    private static double round(String what, int inFlight, int seconds, BiConsumer<Integer, Runnable> send)
            throws InterruptedException {
        Semaphore window = new Semaphore(inFlight);
        AtomicLong done = new AtomicLong();
        List<Long> micros = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        for (int i = 0; System.nanoTime() < end; i = (i + 1) % INSTANCES) {
            window.acquire();
            long sent = System.nanoTime();
            boolean sample = i % 16 == 0;
            send.accept(i, () -> {
                if (sample) {
                    synchronized (micros) {
                        micros.add((System.nanoTime() - sent) / 1_000);
                    }
                }
                done.incrementAndGet();
                window.release();
            });
        }
        window.acquire(inFlight);
        double rate = done.get() / ((System.nanoTime() - start) / 1e9);
        micros.sort(null);
        System.out.printf(
                "{\"what\":\"%s\",\"in_flight\":%d,\"commits_per_s\":%.0f,\"p50_us\":%d,\"p99_us\":%d}%n",
                what, inFlight, rate, micros.get(micros.size() / 2), micros.get((int) (micros.size() * 0.99)));
        return rate;
    }

    /** As a registration through the registry: guarded by the session's record and, never being new, not by its own. */
    private static Transaction registration(int i, long session) {
        String service = "orders-" + i % 100;
        RecordKey key = new RecordKey.OfInstance(new InstanceKey("prod", service, "orders-" + i));
        Instance instance = new Instance(
                service,
                "orders-" + i,
                List.of(new Endpoint("grpc", "10.1." + (i >> 8) + "." + (i & 255), 9090, false)),
                "eu-central-1a",
                Instance.DEFAULT_WEIGHT,
                Map.of("version", "1.14.2", "commit", "8f14e45fceea167a", "stack", "blue"),
                InstanceStatus.UP,
                0,
                0);
        RecordValue value = new RecordValue.InstanceRecord(instance, SESSION.sessionId(), "request-" + i);
        return new Transaction(List.of(new Guard(SESSION, session)), List.of(new Mutation(key, value)));
    }

    private static Mutation session() {
        return new Mutation(SESSION, new RecordValue.SessionRecord("node-1", 1, "", 15_000, ClientInfo.UNKNOWN, null));
    }

    private static final class Counting implements Follower {
        @Override
        public void commit(Commit commit) {}

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
