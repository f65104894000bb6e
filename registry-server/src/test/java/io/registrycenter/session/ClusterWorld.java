package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.registration.RegisterCommand;
import io.registrycenter.registration.Registered;
import io.registrycenter.registration.Registrations;
import io.registrycenter.store.CuttableStore;
import io.registrycenter.store.Leases;
import io.registrycenter.view.Applier;
import io.registrycenter.view.FollowedStore;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Several servers on one fake store, with time and threads in the test's hand. Each can be killed, frozen, cut off from the
 * store, and started again; {@link #changes} is what a watcher with a perfect link would have seen.
 */
final class ClusterWorld extends SimulatedWorld {

    static final Duration LEASE = Duration.ofSeconds(15);

    /** From the end of a server to the end of the sessions nobody resumed, with the default grace. */
    static final Duration LEASE_AND_GRACE = LEASE.plus(SessionSettings.DEFAULT.orphanGrace());

    /** So long before a deadline nothing is over yet. */
    static final Duration ALMOST = Duration.ofSeconds(1);

    /** So long after it the sweeps and commits are through. */
    static final Duration SOON = Duration.ofSeconds(3);

    /** After this time without a word of the store, a server knows that it is cut off. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    final Leases leases;
    final List<Server> servers = new ArrayList<>();

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
        super(settings, seed);
        leases = new Leases(store, this::now, LEASE);
        watch();
        for (int i = 0; i < count; i++) {
            servers.add(new Server("node-" + i));
        }
        servers.forEach(Server::start);
        pass(SWEEP);
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
                FollowedStore followed,
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
                    ClusterWorld.this::now,
                    ClusterWorld.this::newId,
                    steps.executor(process));
            Applier applier = new Applier(view, List.of(sessions), SimulatedWorld::fail);
            FollowedStore followed = new FollowedStore(
                    way, applier, steps.executor(process), ClusterWorld.this::now, new Random(process));
            long floor = way.floor();
            applier.load(way.read(floor), floor);
            followed.begin(floor);
            steps.run();
            applier.caughtUp();
            Leases.Lease presence = leases.announce(owner());
            running = new Running(
                    view, sessions, new Registrations(way, view, sessions.standstill()), way, followed, presence);
            condition = Condition.RUNNING;
            leaving = false;
            sessions.ready(presence);
            steps.run();
        }

        /** Kill -9: what is queued in the process is gone, what is durable stays; its sign of life runs out. */
        void kill() {
            running().followed().close();
            steps.kill(process);
            condition = Condition.DOWN;
            cut = false;
            running = null;
        }

        /** Asks everybody to move; {@link #stop} comes next. */
        void leave() {
            leaving = true;
            for (SessionLink link : sessions().links().all()) {
                link.executor().execute(() -> link.drain(CloseCause.DRAINING, SWEEP, SWEEP));
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
            cutAt = now();
            running().store().cut();
        }

        void heal() {
            cut = false;
            running().store().heal();
        }

        /** It is told nothing any more, and cannot write, but its sign of life gets through. {@link #heal} ends it. */
        void blind() {
            running().store().cut();
            running().store().noticeCut();
        }

        /** As {@link #heal}, but meanwhile the history was compacted to its head. */
        void healCompacted() {
            cut = false;
            // The others were told everything.
            steps.run();
            var unused = store.compact(store.head());
            running().store().healCompacted();
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

        /** Links with a new session on each. */
        List<TestLink> opened(int count) {
            List<TestLink> links = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                TestLink link = link();
                link.open(Duration.ZERO);
                links.add(link);
            }
            steps.run();
            return links;
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
                    .register(new RegisterCommand("shop", instance(id, weight), sessionId, "", () -> false));
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
            } else if (now() - cutAt > SILENCE.toNanos()) {
                own.store().noticeCut();
            }
            own.followed().tick();
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

    @Override
    void pass(Duration time) {
        steps.run();
        long end = now() + time.toNanos();
        while (now() < end) {
            moveTo(Math.min(end, now() + SWEEP.toNanos()));
            leases.tick();
            servers.forEach(Server::tick);
            steps.run();
        }
    }
}
