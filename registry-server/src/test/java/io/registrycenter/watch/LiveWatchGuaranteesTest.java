package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.fault.RelayLink;
import io.registrycenter.fault.TcpRelay;
import io.registrycenter.grpc.LiveServer;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.Store;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.springframework.util.FileSystemUtils;

/** On the whole server over TCP: several subscriptions on one stream, cut connections, compaction, readers that do not read. */
@NullUnmarked // its fields are set before the container, which the checker does not know
class LiveWatchGuaranteesTest extends WatchGuarantees {

    private static final int STEPS = 150;
    private static final int WATCHERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Path data;
    private static LiveServer server;
    private static KnownHistory truth;
    private static Store.Following following;

    @BeforeContainer
    static void start() throws IOException {
        data = Files.createTempDirectory("live-guarantees");
        truth = new KnownHistory();
        boot();
    }

    private static void boot() {
        server = LiveServer.start(
                data,
                "--registry.watch.heartbeat-interval=100ms",
                "--registry.watch.history-commits=24",
                "--registry.watch.coalesce-changes=8");
        following = server.bean(Store.class).follow(truth.head(), truth);
    }

    @AfterContainer
    static void stop() throws IOException {
        following.close();
        server.close();
        FileSystemUtils.deleteRecursively(data);
    }

    /** A single history over real sockets may happen to meet little: what counts is that all of them together met everything. */
    @Override
    void checked(Guarantee guarantee, long checks) {
        // See enough_histories_check_every_guarantee.
    }

    @Override
    int histories() {
        return Proof.times(1, 40);
    }

    @Override
    void run(long seed, Ledger ledger) {
        run(seed, ledger, false);
    }

    @Example
    void every_guarantee_holds_across_a_restart_of_the_server() {
        for (long seed = 1; seed <= Proof.times(1, 10); seed++) {
            Ledger ledger = new Ledger();
            run(seed, ledger, true);
            for (Guarantee guarantee : Guarantee.values()) {
                ledger.verify(guarantee, seed);
            }
            assertThat(ledger.met()).containsKeys("INITIAL", "Delta");
        }
    }

    @Example
    void enough_histories_check_every_guarantee() {
        Map<Guarantee, Long> checks = new EnumMap<>(Guarantee.class);
        for (long seed = 1; seed <= 40 && !everyOneWasChecked(checks); seed++) {
            Ledger ledger = new Ledger();
            run(seed, ledger);
            for (Guarantee guarantee : Guarantee.values()) {
                ledger.verify(guarantee, seed);
                checks.merge(guarantee, ledger.checks(guarantee), Long::sum);
            }
        }
        assertThat(everyOneWasChecked(checks)).as("checks: %s", checks).isTrue();
    }

    private static boolean everyOneWasChecked(Map<Guarantee, Long> checks) {
        return checks.size() == Guarantee.values().length
                && checks.values().stream().allMatch(times -> times > 0);
    }

    private static void run(long seed, Ledger ledger, boolean restart) {
        Random random = new Random(seed);
        String namespace = "n" + Long.toHexString(seed);
        Commits commits = new Commits(random, namespace);
        List<LiveWatcher> watchers = new ArrayList<>();
        try (TcpRelay relay = new TcpRelay(server.grpcPort())) {
            for (int i = 0; i < WATCHERS; i++) {
                watchers.add(new LiveWatcher(relay.port(), WatchSchedule.interests(namespace), truth, ledger));
            }
            for (int step = 0; step < STEPS; step++) {
                step(random, relay, commits, watchers);
                if (restart && step == STEPS / 2) {
                    following.close();
                    server.close();
                    truth.followedAgain();
                    boot();
                    relay.target(server.grpcPort());
                }
            }
            heal(watchers);
            relay.resetAll();
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            watchers.forEach(LiveWatcher::close);
        }
        nothingIsLeft(ledger);
        truth.forgetPast();
    }

    private static void step(Random random, TcpRelay relay, Commits commits, List<LiveWatcher> watchers) {
        LiveWatcher watcher = watchers.get(random.nextInt(watchers.size()));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> commit(commits.next(truth.current()));
            case 8, 9, 10, 11 -> watcher.allow(1 + random.nextInt(8));
            case 12, 13, 14, 15 -> {
                if (!watcher.connected()) {
                    watcher.connect(random.nextBoolean());
                    watcher.allow(random.nextInt(12));
                }
            }
            case 16 -> cut(random, relay, watcher);
            case 17 -> watcher.unsubscribe(random.nextInt(5));
            case 18 -> catchUp(watcher);
            default -> {
                if (random.nextInt(6) == 0) {
                    Store store = server.bean(Store.class);
                    store.compact(random.nextLong(store.floor(), store.head() + 1))
                            .join();
                }
            }
        }
    }

    /** One reads all there is: what comes next reaches it commit by commit. */
    private static void catchUp(LiveWatcher watcher) {
        long head = server.bean(Store.class).head();
        Awaitility.await().pollInterval(Duration.ofMillis(2)).atMost(PATIENCE).until(() -> {
            if (watcher.wantsReconnect()) {
                watcher.cancel();
                watcher.connect(true);
            }
            watcher.allow(100);
            return watcher.has(head);
        });
    }

    private static void commit(List<Mutation> mutations) {
        var outcome = server.bean(Store.class)
                .commit(new Transaction(List.of(), mutations))
                .join();
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
    }

    private static void cut(Random random, TcpRelay relay, LiveWatcher watcher) {
        List<RelayLink> links = relay.links();
        if (links.isEmpty() || random.nextInt(3) == 0) {
            watcher.cancel();
            return;
        }
        RelayLink link = links.get(random.nextInt(links.size()));
        switch (random.nextInt(3)) {
            case 0 -> link.reset();
            case 1 -> link.finish();
            default -> link.resetAfter(1 + random.nextInt(400));
        }
    }

    private static void heal(List<LiveWatcher> watchers) {
        long head = server.bean(Store.class).head();
        Awaitility.await().pollInterval(Duration.ofMillis(10)).atMost(PATIENCE).until(() -> {
            for (LiveWatcher watcher : watchers) {
                if (watcher.wantsReconnect()) {
                    watcher.cancel();
                    watcher.connect(true);
                }
                watcher.allow(100);
            }
            return watchers.stream().allMatch(watcher -> watcher.has(head) && !watcher.wantsReconnect());
        });
    }

    private static void nothingIsLeft(Ledger ledger) {
        Hub hub = server.bean(Hub.class);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(PATIENCE)
                .until(() -> hub.stats().streams() == 0);
        ledger.check(
                Guarantee.NO_LEAK,
                hub.stats().subscriptions() == 0
                        && hub.streams().isEmpty()
                        && hub.stats().faults.sum() == 0
                        && hub.stats().closes(CloseCause.UNKNOWN) == 0,
                () -> hub.stats().subscriptions() + " subscriptions, "
                        + hub.stats().faults.sum() + " faults, " + hub.stats().closes(CloseCause.UNKNOWN)
                        + " ends without a cause");
    }
}
