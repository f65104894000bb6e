package io.registrycenter.watch;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Two servers on one store, and clients with several subscriptions on one stream, moved step by step by one seeded random
 * source: a seed is a schedule. Confined to the test's thread, but for what the store delivers on its own.
 */
final class WatchWorld implements AutoCloseable {

    static final String NAMESPACE = "shop";
    private static final Duration TICK = Duration.ofMillis(250);

    final Random random;
    final List<StepExecutor> loops = List.of(new StepExecutor(), new StepExecutor());
    final List<Connection> connections = new ArrayList<>();
    final List<WatchServer> servers = new ArrayList<>();
    final KnownHistory truth = new KnownHistory();

    private final WatchEngine engine;
    private final Ledger ledger;
    private final WordsEncoding encoding = new WordsEncoding();
    private final Commits commits;
    private final AtomicLong now = new AtomicLong();

    WatchWorld(long seed, WatchEngine engine, Ledger ledger) {
        this.random = new Random(seed);
        this.commits = new Commits(random, NAMESPACE);
        this.engine = engine;
        this.ledger = ledger;
        boot();
    }

    /** A client process: one stream at a time, its subscriptions on it. */
    final class Connection {
        final Map<Long, WatchingClient> clients = new LinkedHashMap<>();
        private @Nullable RecordingOutlet outlet;
        private @Nullable WatchStream stream;

        Connection(List<Interest> interests) {
            for (Interest interest : interests) {
                long id = clients.size() + 1L;
                clients.put(id, new WatchingClient(id, interest, truth, ledger));
            }
            connections.add(this);
        }

        boolean connected() {
            return stream != null;
        }

        void connect(WatchServer server) {
            RecordingOutlet out = new RecordingOutlet(loops.get(random.nextInt(loops.size())), random.nextInt(4));
            WatchStream opened = server.hub().open(out);
            outlet = out;
            stream = opened;
            opened.hello(ClientInfo.UNKNOWN, null, null);
            clients.values().forEach(this::subscribe);
        }

        void subscribe(WatchingClient client) {
            if (stream != null) {
                client.subscribed();
                stream.subscribe(client.id(), client.interest(), client.cursor(), random.nextBoolean());
            }
        }

        /** Leaves and comes back on the same stream; what was written before and not read yet belongs to neither. */
        void subscribeAgain(WatchingClient client) {
            if (stream != null && outlet != null && outlet.isEmpty()) {
                stream.unsubscribe(client.id());
                subscribe(client);
            }
        }

        void allow(int messages) {
            if (outlet != null && stream != null) {
                outlet.allow(messages);
                stream.ready();
            }
        }

        /** The client reads some of what was written; what it does not read before a cut is lost to it. */
        void read(int messages) {
            for (int i = 0; i < messages && outlet != null && stream != null; i++) {
                Frame frame = outlet.poll();
                if (frame == null) {
                    return;
                }
                Told.of(frame, encoding).forEach(this::hear);
                if (frame instanceof Frame.Heartbeat heartbeat && heartbeat.seq() > 0) {
                    stream.acknowledge(heartbeat.seq(), null);
                }
            }
        }

        private void hear(Told told) {
            if (told.subscriptionId() == 0) {
                clients.values().forEach(client -> client.receive(told));
                return;
            }
            WatchingClient client = clients.get(told.subscriptionId());
            if (client != null) {
                client.receive(told);
            }
        }

        void cut() {
            if (stream != null) {
                stream.close(CloseCause.PEER_RESET);
            }
            stream = null;
            outlet = null;
        }
    }

    // --- what happens ------------------------------------------------------------------------------------------------

    void commitSomething() {
        List<Mutation> mutations = commits.next(truth.current());
        if (engine.store().commit(new Transaction(List.of(), mutations)).join() instanceof Outcome.Committed done) {
            truth.commit(new Commit(done.revision(), mutations));
        }
    }

    void tick() {
        pass(TICK);
    }

    void pass(Duration time) {
        now.addAndGet(time.toNanos());
        servers.forEach(server -> server.hub().tick());
    }

    void pauseDelivery() {
        engine.pauseDelivery();
    }

    void resumeDelivery() {
        engine.resumeDelivery();
    }

    /** Forgets some of the past; nobody who follows stands there. */
    void compact() {
        catchUp();
        long floor = engine.store().floor();
        long head = engine.store().head();
        engine.store()
                .compact(floor + (long) (random.nextDouble() * (head - floor + 1)))
                .join();
    }

    /** One server has missed a compaction. The other has not: it has applied everything. */
    void missCompaction() {
        WatchServer missed = servers.get(random.nextInt(servers.size()));
        for (WatchServer server : servers) {
            if (server != missed) {
                catchUp(server);
            }
        }
        truth.passed(missed.readAnew(engine.store()));
        // An engine may have revisions that are none of ours: where the newest is one, the other server learns of it by
        // this.
        truth.passed(engine.store().provenHead().join());
    }

    /** Every server has applied everything. */
    void catchUp() {
        servers.forEach(this::catchUp);
    }

    private void catchUp(WatchServer server) {
        resumeDelivery();
        while (server.hub().published() < truth.head()) {
            server.apply(Integer.MAX_VALUE);
            Thread.onSpinWait();
        }
    }

    /** The process dies, every stream with it; another one boots from what is in the store. */
    void restart() {
        resumeDelivery();
        end();
        engine.restart();
        boot();
    }

    private void boot() {
        truth.passed(engine.store().head());
        servers.add(new WatchServer(engine.store(), encoding, false, now::get, random));
        servers.add(new WatchServer(engine.store(), encoding, true, now::get, random));
    }

    /** Every stream is cut and the servers stop; nothing may be left of them. */
    private void end() {
        connections.forEach(Connection::cut);
        loops.forEach(StepExecutor::runAll);
        for (WatchServer server : servers) {
            WatchStats stats = server.hub().stats();
            boolean clean = stats.streams() == 0
                    && stats.subscriptions() == 0
                    && stats.faults.sum() == 0
                    && server.hub().streams().isEmpty();
            ledger.check(
                    Guarantee.NO_LEAK,
                    clean,
                    () -> stats.streams() + " streams, " + stats.subscriptions() + " subscriptions, "
                            + stats.faults.sum() + " faults are left");
            server.close();
        }
        servers.clear();
    }

    @Override
    public void close() {
        end();
        engine.close();
    }
}
