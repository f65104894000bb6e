package io.registrycenter.watch;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A server with its history and clients, moved step by step by one seeded random source: a seed is a schedule. */
final class WatchWorld implements WatchingClient.Truth {

    static final String NAMESPACE = "shop";
    private static final String EPOCH = "e1";
    private static final List<String> SERVICES = List.of("orders", "carts");
    private static final List<String> COLOURS = List.of("blue", "green");
    private static final long TICK_NANOS = 250_000_000L;

    /** Small enough that every rung of the ladder is met within some hundred steps. */
    static final WatchSettings SETTINGS = new WatchSettings(
            Duration.ofSeconds(4),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ZERO,
            Duration.ofHours(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(3),
            10,
            6,
            4 << 10,
            3,
            200,
            500,
            24,
            4 << 10,
            8 << 10,
            Duration.ofMinutes(10));

    final Random random;
    final WordsEncoding encoding = new WordsEncoding();
    final List<StepExecutor> loops = List.of(new StepExecutor(), new StepExecutor());
    final List<Connection> connections = new ArrayList<>();

    private final List<Commit> log = new ArrayList<>();
    private final NavigableMap<Long, Map<InstanceKey, StoredRecord>> states = new TreeMap<>();
    private long now;
    private View view;
    private Applier applier;
    Hub hub;

    /** One client and the stream it has at the moment, if any. */
    static final class Connection {
        final WatchingClient client;

        @Nullable
        RecordingOutlet outlet;

        @Nullable
        WatchStream stream;

        Connection(WatchingClient client) {
            this.client = client;
        }
    }

    WatchWorld(long seed) {
        random = new Random(seed);
        states.put(0L, Map.of());
        view = new View(EPOCH);
        applier = newApplier(view);
        boot(0);
    }

    private Applier newApplier(View ofView) {
        hub = new Hub(
                ofView,
                encoding,
                SETTINGS,
                () -> CompletableFuture.completedFuture(states.lastKey()),
                () -> now,
                random);
        Hub listening = hub;
        return new Applier(ofView, List.of(listening), lost -> {
            throw lost;
        });
    }

    // --- the server --------------------------------------------------------------------------------------------------

    /** A new process: state at an older revision, then the history from there. */
    void boot(long floor) {
        long at = states.floorKey(floor);
        view = new View(EPOCH);
        applier = newApplier(view);
        applier.load(List.copyOf(states.floorEntry(at).getValue().values()), at);
        hub.begin();
        log.stream().filter(commit -> commit.revision() > at).forEach(applier::commit);
        applier.caughtUp();
    }

    void commitSomething() {
        long revision = states.lastKey() + 1 + random.nextInt(3);
        Map<InstanceKey, StoredRecord> next =
                new LinkedHashMap<>(states.lastEntry().getValue());
        Map<InstanceKey, Mutation> mutations = new LinkedHashMap<>();
        int size = random.nextInt(8) == 0 ? 1 + random.nextInt(6) : 1;
        for (int i = 0; i < size; i++) {
            InstanceKey key =
                    new InstanceKey(NAMESPACE, SERVICES.get(random.nextInt(SERVICES.size())), "i" + random.nextInt(12));
            StoredRecord known = next.get(key);
            boolean exists = known != null && known.value() instanceof InstanceRecord;
            if (mutations.containsKey(key) || (!exists && random.nextInt(3) == 0)) {
                continue;
            }
            RecordKey recordKey = new RecordKey.OfInstance(key);
            RecordValue value = exists && random.nextInt(3) == 0
                    ? new Tombstone(RemovalReason.DEREGISTERED, "s", "")
                    : new InstanceRecord(instance(key, known), "s", "");
            mutations.put(key, new Mutation(recordKey, value));
            next.put(key, new StoredRecord(recordKey, revision, value));
        }
        if (mutations.isEmpty()) {
            return;
        }
        Commit commit = new Commit(revision, List.copyOf(mutations.values()));
        log.add(commit);
        states.put(revision, next);
        applier.commit(commit);
    }

    private Instance instance(InstanceKey key, @Nullable StoredRecord known) {
        long created = known != null && known.value() instanceof InstanceRecord record
                ? record.storedAt(known.revision()).createdRevision()
                : 0;
        return new Instance(
                key.service(),
                key.id(),
                List.of(),
                "",
                random.nextInt(100),
                Map.of("colour", COLOURS.get(random.nextInt(COLOURS.size()))),
                InstanceStatus.UP,
                created,
                0);
    }

    void tick() {
        now += TICK_NANOS;
        hub.tick();
    }

    /** The server process dies: every stream is cut, a new process boots with some of the past. */
    void restart() {
        connections.forEach(this::cut);
        loops.forEach(StepExecutor::runAll);
        List<Long> revisions = List.copyOf(states.keySet());
        boot(revisions.get(random.nextInt(revisions.size())));
    }

    long head() {
        return states.lastKey();
    }

    // --- the clients -------------------------------------------------------------------------------------------------

    Connection newClient(Interest interest) {
        Connection connection = new Connection(new WatchingClient(interest, encoding, this));
        connections.add(connection);
        return connection;
    }

    void connect(Connection connection, boolean coalesce) {
        RecordingOutlet outlet = new RecordingOutlet(loops.get(random.nextInt(loops.size())), random.nextInt(4));
        WatchStream stream = hub.open(outlet, "test");
        connection.outlet = outlet;
        connection.stream = stream;
        connection.client.reconnected();
        stream.hello(ClientInfo.UNKNOWN, null);
        stream.subscribe(
                WatchingClient.SUBSCRIPTION, connection.client.interest(), connection.client.cursor(), coalesce);
    }

    /** The client reads some of what was written; what it does not read before a cut is lost to it. */
    void read(Connection connection, int messages) {
        RecordingOutlet outlet = connection.outlet;
        WatchStream stream = connection.stream;
        if (outlet == null || stream == null) {
            return;
        }
        for (int i = 0; i < messages; i++) {
            Frame frame = outlet.poll();
            if (frame == null) {
                break;
            }
            connection.client.receive(frame);
            if (frame instanceof Frame.Heartbeat heartbeat && heartbeat.seq() > 0) {
                stream.acknowledge(heartbeat.seq());
            }
        }
    }

    void allow(Connection connection, int messages) {
        if (connection.outlet != null && connection.stream != null) {
            connection.outlet.allow(messages);
            connection.stream.ready();
        }
    }

    void cut(Connection connection) {
        if (connection.stream != null) {
            connection.stream.close(CloseCause.PEER_RESET);
            connection.stream = null;
            connection.outlet = null;
        }
    }

    // --- the truth ---------------------------------------------------------------------------------------------------

    @Override
    public Map<String, Instance> stateAt(long revision, Interest interest) {
        Map<String, Instance> result = new TreeMap<>();
        states.floorEntry(revision).getValue().forEach((key, record) -> {
            if (record.value() instanceof InstanceRecord instance) {
                Instance stored = instance.storedAt(record.revision());
                if (inScope(key, interest) && interest.matches(stored)) {
                    result.put(WatchingClient.key(key.service(), key.id()), stored);
                }
            }
        });
        return result;
    }

    @Override
    public Set<String> changedAt(long revision, Interest interest) {
        Map<String, Instance> before = new HashMap<>(stateAt(revision - 1, interest));
        Map<String, Instance> after = stateAt(revision, interest);
        Set<String> changed = new HashSet<>();
        after.forEach((key, instance) -> {
            if (!instance.equals(before.get(key))) {
                changed.add(key);
            }
        });
        before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(changed::add);
        return changed;
    }

    private static boolean inScope(InstanceKey key, Interest interest) {
        return interest.wholeNamespace() || key.service().equals(interest.service());
    }
}
