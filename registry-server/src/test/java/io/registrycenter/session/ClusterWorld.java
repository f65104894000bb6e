package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.registration.RegisterCommand;
import io.registrycenter.registration.Registered;
import io.registrycenter.registration.Registrations;
import io.registrycenter.store.CuttableStore;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Leases;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Several servers on one fake store, with time and threads in the test's hand. Each can be killed, frozen, cut off from the
 * store, and started again; {@link #changes} is what a watcher with a perfect link would have seen.
 */
final class ClusterWorld {

    static final Duration LEASE = Duration.ofSeconds(15);

    /** After this time without a word of the store, a server knows that it is cut off. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    final Steps steps;
    final InMemoryStore store;
    final Leases leases;
    final SessionSettings settings;
    final List<InstanceChange> changes = new ArrayList<>();
    final List<AppliedCommit> commits = new ArrayList<>();
    final List<Server> servers = new ArrayList<>();

    private long ids;
    private long now = 1_000_000_007L;

    /** What a server's process does. */
    enum Condition {
        RUNNING,
        FROZEN,
        DOWN
    }

    ClusterWorld(int count) {
        this(count, SessionSettings.DEFAULT, 1);
    }

    ClusterWorld(int count, SessionSettings settings, long seed) {
        this.settings = settings;
        steps = new Steps(seed);
        store = new InMemoryStore(steps.storeExecutor(), steps.storeExecutor());
        leases = new Leases(store, () -> now, LEASE);
        var unused = store.follow(0, new Applier(new View(store.epoch()), List.of(this::happened), ClusterWorld::fail));
        for (int i = 0; i < count; i++) {
            servers.add(new Server("node-" + i));
        }
        servers.forEach(Server::start);
        pass(SessionWorld.SWEEP);
    }

    private void happened(AppliedCommit commit) {
        commits.add(commit);
        changes.addAll(commit.instances());
    }

    private static void fail(Throwable lost) {
        throw new AssertionError(lost);
    }

    /** One server, start after start. */
    final class Server {
        private final String name;
        private int starts;
        private int process;
        private long cutAt;
        private boolean cut;
        private boolean leaving;
        Condition condition = Condition.DOWN;

        // Of the running process.
        private @Nullable Running running;

        private Server(String name) {
            this.name = name;
        }

        private record Running(
                View view,
                Sessions sessions,
                Registrations registrations,
                CuttableStore store,
                Store.Following following,
                Leases.Lease presence) {}

        private Running running() {
            if (running == null) {
                throw new AssertionError(name + " is down");
            }
            return running;
        }

        void start() {
            starts++;
            process = steps.newProcess();
            CuttableStore way = new CuttableStore(store, steps.executor(process), steps.executor(process));
            View view = new View(store.epoch());
            Sessions sessions = new Sessions(
                    owner(),
                    way,
                    view,
                    settings,
                    () -> now,
                    () -> String.format("%032x", ++ids),
                    steps.executor(process));
            Applier applier = new Applier(view, List.of(sessions), ClusterWorld::fail);
            Store.Following following = way.follow(0, applier);
            steps.run();
            applier.caughtUp();
            Leases.Lease presence = leases.announce(owner());
            running = new Running(view, sessions, new Registrations(way, view), way, following, presence);
            condition = Condition.RUNNING;
            leaving = false;
            sessions.ready(presence);
            steps.run();
        }

        /** Kill -9: what is queued in the process is gone, what is durable stays; its sign of life runs out. */
        void kill() {
            running().following().close();
            steps.kill(process);
            condition = Condition.DOWN;
            cut = false;
            running = null;
        }

        /** Asks everybody to move; {@link #stop} comes next. */
        void leave() {
            leaving = true;
            for (SessionLink link : sessions().links()) {
                link.executor().execute(() -> link.drain(CloseCause.DRAINING, SessionWorld.SWEEP, SessionWorld.SWEEP));
            }
        }

        void stop() {
            running().presence().close();
            kill();
        }

        void freeze() {
            condition = Condition.FROZEN;
            steps.freeze(process);
        }

        void thaw() {
            condition = Condition.RUNNING;
            steps.thaw(process);
        }

        void cut() {
            cut = true;
            cutAt = now;
            running().store().cut();
        }

        void heal() {
            cut = false;
            running().store().heal();
        }

        void lag(boolean lagging) {
            running().store().lag(lagging);
        }

        String owner() {
            return name + "#" + starts;
        }

        Sessions sessions() {
            return running().sessions();
        }

        View view() {
            return running().view();
        }

        TestLink link() {
            return new TestLink(sessions(), steps.executor(process));
        }

        TestLink opened() {
            TestLink link = link();
            link.open(Duration.ZERO);
            steps.run();
            return link;
        }

        TestLink resumed(TestLink former, String attempt) {
            TestLink link = link();
            link.resume(former.id(), former.fence(), attempt);
            steps.run();
            return link;
        }

        CompletableFuture<Registered> registering(String sessionId, String id, int weight) {
            return running()
                    .registrations()
                    .register(
                            new RegisterCommand("shop", SessionWorld.instance(id, weight), sessionId, "", () -> false));
        }

        void register(String sessionId, String id) {
            CompletableFuture<Registered> call = registering(sessionId, id, 1);
            steps.run();
            call.join();
        }

        private void tick() {
            Running own = running;
            if (own == null || condition != Condition.RUNNING) {
                return;
            }
            if (!cut) {
                own.presence().beat();
            } else if (now - cutAt > SILENCE.toNanos()) {
                own.store().noticeCut();
            }
            if (leaving) {
                own.sessions().hold();
            } else {
                own.sessions().sweep();
            }
        }
    }

    Server server(int index) {
        return servers.get(index);
    }

    long now() {
        return now;
    }

    /** Time passes, servers that run sweep, and all that can happen happens. */
    void pass(Duration time) {
        steps.run();
        long end = now + time.toNanos();
        while (now < end) {
            now = Math.min(end, now + SessionWorld.SWEEP.toNanos());
            leases.tick();
            servers.forEach(Server::tick);
            steps.run();
        }
    }

    /** Time passes while these links send a heartbeat every second. */
    void keepAlive(Duration time, TestLink... links) {
        Duration second = Duration.ofSeconds(1);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(second)) {
            for (TestLink link : links) {
                link.beat();
            }
            pass(second);
        }
    }

    List<RemovalReason> removals() {
        return changes.stream()
                .filter(change -> change.after() == null)
                .map(InstanceChange::reason)
                .toList();
    }

    @Nullable
    SessionRecord record(String sessionId) {
        StoredRecord record = store.record(new RecordKey.OfSession(sessionId));
        return record == null ? null : (SessionRecord) record.value();
    }

    boolean registered(String id) {
        StoredRecord record = store.record(new RecordKey.OfInstance(SessionWorld.key(id)));
        return record != null && record.value() instanceof InstanceRecord;
    }
}
