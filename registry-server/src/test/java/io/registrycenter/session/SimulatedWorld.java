package io.registrycenter.session;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fake store and what happens on it, with time and threads in the test's hand. {@link #changes} is what a watcher with a
 * perfect link would have seen since the beginning. Which servers work on the store, its kinds know.
 */
abstract sealed class SimulatedWorld permits SessionWorld, ClusterWorld {

    static final Duration SWEEP = Duration.ofMillis(250);

    final Steps steps;
    final InMemoryStore store;
    final SessionSettings settings;
    final List<InstanceChange> changes = new ArrayList<>();
    final List<AppliedCommit> commits = new ArrayList<>();

    private long ids;
    private long now = 1_000_000_007L;

    SimulatedWorld(SessionSettings settings, long seed) {
        this.settings = settings;
        steps = new Steps(seed);
        store = new InMemoryStore(steps.storeExecutor(), steps.storeExecutor());
    }

    /** Writes down what happens from the beginning on. */
    final void watch() {
        var unused =
                store.follow(0, new Applier(new View(store.epoch()), List.of(this::happened), SimulatedWorld::fail));
    }

    private void happened(AppliedCommit commit) {
        commits.add(commit);
        changes.addAll(commit.instances());
    }

    static void fail(Throwable lost) {
        throw new AssertionError(lost);
    }

    final String newId() {
        return String.format("%032x", ++ids);
    }

    final long now() {
        return now;
    }

    /** Time passes and nothing else happens. */
    final void moveTo(long then) {
        now = then;
    }

    /** Time passes, servers sweep, and all that can happen happens. */
    abstract void pass(Duration time);

    /** Time passes while these links send a heartbeat every second. */
    final void keepAlive(Duration time, TestLink... links) {
        Duration second = Duration.ofSeconds(1);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(second)) {
            for (TestLink link : links) {
                link.beat();
            }
            pass(second);
        }
    }

    /** Why instances were removed, in the order of the history. */
    final List<RemovalReason> removals() {
        return changes.stream()
                .filter(change -> change.after() == null)
                .map(InstanceChange::reason)
                .toList();
    }

    final @Nullable SessionRecord record(String sessionId) {
        StoredRecord record = store.record(new RecordKey.OfSession(sessionId));
        return record == null ? null : (SessionRecord) record.value();
    }

    /** Of the link's session, which is there. */
    final SessionRecord recordOf(TestLink link) {
        SessionRecord record = record(link.id());
        if (record == null) {
            throw new AssertionError("the session is gone");
        }
        return record;
    }

    final boolean registered(String id) {
        StoredRecord record = store.record(new RecordKey.OfInstance(key(id)));
        return record != null && record.value() instanceof InstanceRecord;
    }

    static Instance instance(String id, int weight) {
        return new Instance("orders", id, List.of(), "", weight, Map.of(), InstanceStatus.UP, 0, 0);
    }

    static InstanceKey key(String id) {
        return new InstanceKey("shop", "orders", id);
    }
}
