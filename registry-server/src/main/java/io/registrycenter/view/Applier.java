package io.registrycenter.view;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.AppliedCommit.NodeChange;
import io.registrycenter.view.AppliedCommit.SessionChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one road in: reads the store's history and is the only writer of the {@link View}.
 *
 * <p>{@link #load} runs before the following starts; everything else on the store's following thread, the applier thread.
 */
public final class Applier implements Follower {

    private final View view;
    private final List<CommitListener> listeners;
    private final Consumer<StoreException> onLost;

    /**
     * @param listeners told of every commit in this order, after the view shows it
     * @param onLost told once, when the history cannot be followed any more; the view is stale from then on
     */
    public Applier(View view, List<CommitListener> listeners, Consumer<StoreException> onLost) {
        this.view = view;
        this.listeners = List.copyOf(listeners);
        this.onLost = onLost;
    }

    /** Takes over the state at an older revision; listeners are not told. Follow from that revision next. */
    public void load(List<StoredRecord> state, long revision) {
        List<StoredRecord> oldestFirst = new ArrayList<>(state);
        oldestFirst.sort(Comparator.comparingLong(StoredRecord::revision));
        Map<String, List<InstanceChange>> byNamespace = new LinkedHashMap<>();
        for (StoredRecord record : oldestFirst) {
            switch (record.key()) {
                case RecordKey.OfSession session -> view.putSession(session.sessionId(), record);
                case RecordKey.OfInstance instance -> {
                    view.putInstanceRecord(record);
                    InstanceChange change = change(instance.instance(), null, record);
                    if (change != null) {
                        byNamespace
                                .computeIfAbsent(instance.instance().namespace(), ignored -> new ArrayList<>())
                                .add(change);
                    }
                }
                case RecordKey.OfNode node -> view.putNode(record);
            }
        }
        view.beginMarks(
                revision, byNamespace.values().stream().flatMap(List::stream).toList());
        byNamespace.forEach((namespace, changes) -> view.applyInstances(revision, namespace, changes));
        view.applied(revision);
        view.announce(revision);
    }

    /** The head seen at boot is reached: the node may serve. */
    public void caughtUp() {
        view.freshness(Freshness.CURRENT);
    }

    @Override
    public void commit(Commit commit) {
        long revision = commit.revision();
        if (revision <= view.revision()) {
            throw new IllegalStateException(
                    "the store went back in time: commit " + revision + " after " + view.revision());
        }
        List<InstanceChange> instances = new ArrayList<>(commit.mutations().size());
        List<SessionChange> sessions = new ArrayList<>(0);
        List<NodeChange> nodes = new ArrayList<>(0);
        for (Mutation mutation : commit.mutations()) {
            switch (mutation.key()) {
                case RecordKey.OfSession key -> sessions.add(applySession(key, revision, mutation.value()));
                case RecordKey.OfInstance key -> {
                    InstanceChange change = applyInstance(key, revision, mutation.value());
                    if (change != null) {
                        instances.add(change);
                    }
                }
                case RecordKey.OfNode key -> nodes.add(applyNode(key, revision, mutation.value()));
            }
        }
        view.mark(revision, instances);
        showInstances(revision, instances);
        show(new AppliedCommit(revision, instances, sessions, nodes));
    }

    @Override
    public void batchComplete() {
        for (CommitListener listener : listeners) {
            listener.batchComplete();
        }
    }

    @Override
    public void passed(long revision) {
        view.mark(revision, List.of());
        show(new AppliedCommit(revision, List.of(), List.of(), List.of()));
    }

    @Override
    public void cutOff(Duration silence) {
        view.stale(Freshness.CUT_OFF, silence);
    }

    @Override
    public void rejoined() {
        view.freshness(Freshness.CURRENT);
    }

    private void show(AppliedCommit applied) {
        view.applied(applied.revision());
        for (CommitListener listener : listeners) {
            listener.applied(applied);
        }
        view.announce(applied.revision());
    }

    @Override
    public void compacted(long floor) {
        lost(new StoreException(
                StoreException.Kind.COMPACTED,
                "the history was compacted to revision " + floor + " while this node stood at " + view.revision()));
    }

    @Override
    public void lost(Throwable cause) {
        view.stale(Freshness.LOST, Duration.ZERO);
        try {
            batchComplete();
        } finally {
            onLost.accept(
                    cause instanceof StoreException known
                            ? known
                            : new StoreException(
                                    StoreException.Kind.UNAVAILABLE, "the history can no longer be followed", cause));
        }
    }

    /** Namespaces change one after the other, each at once: a snapshot concerns one namespace. */
    private void showInstances(long revision, List<InstanceChange> changes) {
        if (changes.isEmpty()) {
            return;
        }
        String first = changes.get(0).key().namespace();
        if (changes.stream().allMatch(change -> change.key().namespace().equals(first))) {
            view.applyInstances(revision, first, changes);
            return;
        }
        Map<String, List<InstanceChange>> byNamespace = new LinkedHashMap<>();
        for (InstanceChange change : changes) {
            byNamespace
                    .computeIfAbsent(change.key().namespace(), ignored -> new ArrayList<>())
                    .add(change);
        }
        byNamespace.forEach((namespace, own) -> view.applyInstances(revision, namespace, own));
    }

    private SessionChange applySession(RecordKey.OfSession key, long revision, @Nullable RecordValue value) {
        StoredRecord before = value == null
                ? view.deleteSession(key.sessionId())
                : view.putSession(key.sessionId(), new StoredRecord(key, revision, value));
        return new SessionChange(
                key.sessionId(),
                before == null ? null : (SessionRecord) before.value(),
                value == null ? null : (SessionRecord) value);
    }

    private NodeChange applyNode(RecordKey.OfNode key, long revision, @Nullable RecordValue value) {
        if (value == null) {
            view.deleteNode(key);
        } else {
            view.putNode(new StoredRecord(key, revision, value));
        }
        return new NodeChange(key.owner(), value == null ? null : (NodeRecord) value);
    }

    private @Nullable InstanceChange applyInstance(
            RecordKey.OfInstance key, long revision, @Nullable RecordValue value) {
        if (value == null) {
            // A tombstone that is swept: nothing a watcher could see.
            view.deleteInstanceRecord(key);
            return null;
        }
        StoredRecord now = new StoredRecord(key, revision, value);
        StoredRecord before = view.putInstanceRecord(now);
        return change(key.instance(), before, now);
    }

    private static @Nullable InstanceChange change(InstanceKey key, @Nullable StoredRecord before, StoredRecord after) {
        Instance instanceBefore = null;
        String sessionBefore = "";
        if (before != null && before.value() instanceof InstanceRecord record) {
            instanceBefore = record.storedAt(before.revision());
            sessionBefore = record.sessionId();
        }
        return switch (after.value()) {
            case InstanceRecord record ->
                new InstanceChange(
                        key,
                        instanceBefore,
                        record.storedAt(after.revision()),
                        null,
                        sessionBefore,
                        record.sessionId());
            case Tombstone tombstone ->
                instanceBefore == null
                        ? null
                        : new InstanceChange(key, instanceBefore, null, tombstone.reason(), sessionBefore, "");
            case SessionRecord misplaced ->
                throw new IllegalStateException("a session record under the key of instance " + key);
            case NodeRecord misplaced ->
                throw new IllegalStateException("a server's record under the key of instance " + key);
        };
    }
}
