package io.registrycenter.session;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.registration.RegisterCommand;
import io.registrycenter.registration.Registered;
import io.registrycenter.registration.Registrations;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One server on the fake store, with time and threads in the test's hand. A server can be killed and started again on the
 * same store; {@link #changes} is what a watcher with a perfect link would have seen since the beginning.
 */
final class SessionWorld implements Entrance {

    static final Duration SWEEP = Duration.ofMillis(250);

    final Steps steps;
    final InMemoryStore store;
    final List<InstanceChange> changes = new ArrayList<>();
    final SessionSettings settings;

    private int starts;
    private long ids;
    private long now = 1_000_000_007L;
    private long nextSweep;

    // Of the running server.
    View view;
    Sessions sessions;
    Registrations registrations;
    private Store.Following following;

    SessionWorld() {
        this(SessionSettings.DEFAULT, 1);
    }

    SessionWorld(SessionSettings settings, long seed) {
        this.settings = settings;
        steps = new Steps(seed);
        store = new InMemoryStore(steps.storeExecutor(), steps.storeExecutor());
        View reference = new View(store.epoch());
        Server first = boot();
        view = first.view();
        sessions = first.sessions();
        registrations = first.registrations();
        following = first.following();
        var unused = store.follow(
                0, new Applier(reference, List.of(commit -> changes.addAll(commit.instances())), SessionWorld::fail));
        steps.run();
        sessions.ready(Presence.ALONE);
    }

    private record Server(View view, Sessions sessions, Registrations registrations, Store.Following following) {}

    private Server boot() {
        starts++;
        View newView = new View(store.epoch());
        Sessions newSessions = new Sessions(
                node(), store, newView, settings, () -> now, () -> String.format("%032x", ++ids), steps.executor());
        Applier applier = new Applier(newView, List.of(newSessions), SessionWorld::fail);
        Store.Following newFollowing = store.follow(0, applier);
        return new Server(newView, newSessions, new Registrations(store, newView), newFollowing);
    }

    private static void fail(Throwable lost) {
        throw new AssertionError(lost);
    }

    /** Kill -9: what is queued in the process is gone, what is durable stays. */
    void kill() {
        following.close();
        steps.killProcess();
    }

    void start() {
        Server next = boot();
        view = next.view();
        sessions = next.sessions();
        registrations = next.registrations();
        following = next.following();
        store.resumeDelivery();
        steps.run();
        sessions.ready(Presence.ALONE);
        nextSweep = now + SWEEP.toNanos();
    }

    /** Who the running server is. */
    String node() {
        return "node-1#" + starts;
    }

    long now() {
        return now;
    }

    /** Time passes for everybody but the server: it neither sweeps nor runs. */
    void standStill(Duration time) {
        now += time.toNanos();
    }

    /** Time passes, the server sweeps, and all that can happen happens. */
    void pass(Duration time) {
        steps.run();
        long end = now + time.toNanos();
        while (now < end) {
            now = Math.min(end, now + SWEEP.toNanos());
            if (now >= nextSweep) {
                nextSweep = now + SWEEP.toNanos();
                sessions.sweep();
            }
            steps.run();
        }
    }

    void sweep() {
        sessions.sweep();
        nextSweep = now + SWEEP.toNanos();
    }

    @Override
    public TestLink link() {
        return new TestLink(sessions, steps.executor());
    }

    /** A link with a new session on it. */
    TestLink opened() {
        TestLink link = link();
        link.open(Duration.ZERO);
        steps.run();
        return link;
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

    TestLink resumed(String id, long fence, String attempt) {
        TestLink link = link();
        link.resume(id, fence, attempt);
        steps.run();
        return link;
    }

    /** Why instances were removed, in the order of the history. */
    List<RemovalReason> removals() {
        return changes.stream()
                .filter(change -> change.after() == null)
                .map(InstanceChange::reason)
                .toList();
    }

    static Instance instance(String id, int weight) {
        return new Instance("orders", id, List.of(), "", weight, Map.of(), InstanceStatus.UP, 0, 0);
    }

    static InstanceKey key(String id) {
        return new InstanceKey("shop", "orders", id);
    }

    @Override
    public CompletableFuture<Registered> registering(String sessionId, String id, int weight) {
        return registrations.register(new RegisterCommand("shop", instance(id, weight), sessionId, "", () -> false));
    }

    void register(String sessionId, String... instances) {
        for (String id : instances) {
            CompletableFuture<Registered> call = registering(sessionId, id, 1);
            steps.run();
            call.join();
        }
    }

    @Nullable
    SessionRecord record(String sessionId) {
        StoredRecord record = store.record(new RecordKey.OfSession(sessionId));
        return record == null ? null : (SessionRecord) record.value();
    }

    boolean registered(String id) {
        StoredRecord record = store.record(new RecordKey.OfInstance(key(id)));
        return record != null && record.value() instanceof InstanceRecord;
    }
}
