package io.registrycenter.view;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoreState;
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
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one road in: reads the store's history and is the only writer of the {@link View}.
 *
 * <p>{@link #load} runs before the following starts; everything else on the store's following thread, or, while nothing is
 * followed, on the thread that reads the state anew ({@link FollowedStore}): whichever it is, the applier thread.
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
        view.show(begun(new StoreState(revision, state)));
        view.applied(revision);
        view.announce(revision);
    }

    /** The view shows what the store had a moment ago: the node may serve. */
    public void caughtUp() {
        view.become(Freshness.CURRENT, Duration.ZERO);
    }

    /** What is shown is stale until the state was read anew. Any thread. */
    void outdated() {
        view.become(Freshness.REREADING, Duration.ZERO);
    }

    /**
     * Takes over a newer state in place of what the view shows. What happened in between is not known: listeners are told the
     * difference of the two, as such. Also after a commit that was applied in part.
     */
    public void replace(StoreState newest) {
        long revision = newest.revision();
        if (revision < view.revision()) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "the store answers with the state at revision " + revision + ", older than what is known, "
                            + view.revision());
        }
        Contents before = view.contents();
        Contents after = begun(newest);
        view.show(after);
        view.applied(revision);
        AppliedCommit difference = difference(revision, before, after);
        for (CommitListener listener : listeners) {
            listener.replaced(difference);
        }
        view.announce(revision);
    }

    /** Contents with which the view begins, and the marks with them. */
    private Contents begun(StoreState state) {
        Contents contents = new Contents(state.revision());
        List<StoredRecord> oldestFirst = new ArrayList<>(state.records());
        oldestFirst.sort(Comparator.comparingLong(StoredRecord::revision));
        List<InstanceChange> instances = new ArrayList<>();
        for (StoredRecord record : oldestFirst) {
            contents.put(record);
            if (record.key() instanceof RecordKey.OfInstance key) {
                InstanceChange change = change(key.instance(), null, record, null);
                if (change != null) {
                    instances.add(change);
                }
            }
        }
        byNamespace(instances).forEach((namespace, own) -> contents.show(state.revision(), namespace, own));
        view.beginMarks(state.revision(), instances);
        return contents;
    }

    private static AppliedCommit difference(long revision, Contents before, Contents after) {
        List<InstanceChange> instances = new ArrayList<>();
        List<SessionChange> sessions = new ArrayList<>();
        List<NodeChange> nodes = new ArrayList<>();
        Set<RecordKey> keys = before.keys();
        keys.addAll(after.keys());
        for (RecordKey key : keys) {
            StoredRecord was = before.record(key);
            StoredRecord is = after.record(key);
            if (Objects.equals(was, is)) {
                continue;
            }
            switch (key) {
                case RecordKey.OfSession session -> sessions.add(change(session.sessionId(), was, is));
                case RecordKey.OfInstance instance -> {
                    InstanceChange change = change(instance.instance(), was, is, null);
                    if (change != null) {
                        instances.add(change);
                    }
                }
                case RecordKey.OfNode node -> nodes.add(change(node.owner(), is));
            }
        }
        return new AppliedCommit(revision, instances, sessions, nodes);
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
        Contents contents = view.contents();
        for (Mutation mutation : commit.mutations()) {
            StoredRecord is =
                    mutation.value() == null ? null : new StoredRecord(mutation.key(), revision, mutation.value());
            StoredRecord was = is == null ? contents.delete(mutation.key()) : contents.put(is);
            switch (mutation.key()) {
                case RecordKey.OfSession key -> sessions.add(change(key.sessionId(), was, is));
                case RecordKey.OfInstance key -> {
                    // Only an operator's hand deletes an instance without a tombstone.
                    InstanceChange change = change(key.instance(), was, is, RemovalReason.ADMIN);
                    if (change != null) {
                        instances.add(change);
                    }
                }
                case RecordKey.OfNode key -> nodes.add(change(key.owner(), is));
            }
        }
        view.mark(revision, instances);
        showInstances(contents, revision, instances);
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
        view.become(Freshness.CUT_OFF, silence);
    }

    @Override
    public void rejoined() {
        view.become(Freshness.CURRENT, Duration.ZERO);
    }

    private void show(AppliedCommit applied) {
        view.applied(applied.revision());
        for (CommitListener listener : listeners) {
            listener.applied(applied);
        }
        view.announce(applied.revision());
    }

    /** For who follows without a {@link FollowedStore}, which reads the state anew instead. */
    @Override
    public void compacted(long floor) {
        lost(compactedTo(floor));
    }

    StoreException compactedTo(long floor) {
        return new StoreException(
                StoreException.Kind.COMPACTED,
                "the history was compacted to revision " + floor + " while this server stood at " + view.revision());
    }

    @Override
    public void lost(Throwable cause) {
        view.become(Freshness.LOST, Duration.ZERO);
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
    private static void showInstances(Contents contents, long revision, List<InstanceChange> changes) {
        if (changes.isEmpty()) {
            return;
        }
        String first = changes.get(0).key().namespace();
        if (changes.stream().allMatch(change -> change.key().namespace().equals(first))) {
            contents.show(revision, first, changes);
            return;
        }
        byNamespace(changes).forEach((namespace, own) -> contents.show(revision, namespace, own));
    }

    private static Map<String, List<InstanceChange>> byNamespace(List<InstanceChange> changes) {
        Map<String, List<InstanceChange>> byNamespace = new LinkedHashMap<>();
        for (InstanceChange change : changes) {
            byNamespace
                    .computeIfAbsent(change.key().namespace(), ignored -> new ArrayList<>())
                    .add(change);
        }
        return byNamespace;
    }

    private static SessionChange change(String sessionId, @Nullable StoredRecord was, @Nullable StoredRecord is) {
        return new SessionChange(
                sessionId,
                was == null ? null : (SessionRecord) was.value(),
                is == null ? null : (SessionRecord) is.value());
    }

    private static NodeChange change(String owner, @Nullable StoredRecord is) {
        return new NodeChange(owner, is == null ? null : (NodeRecord) is.value());
    }

    /**
     * Null where a watcher could see nothing of it, as when a tombstone is swept.
     *
     * @param withoutTombstone why an instance is gone that left no tombstone; null: not known
     */
    private static @Nullable InstanceChange change(
            InstanceKey key,
            @Nullable StoredRecord was,
            @Nullable StoredRecord is,
            @Nullable RemovalReason withoutTombstone) {
        Instance before = null;
        String sessionBefore = "";
        if (was != null && was.value() instanceof InstanceRecord record) {
            before = record.storedAt(was.revision());
            sessionBefore = record.sessionId();
        }
        if (is == null) {
            return removal(key, before, withoutTombstone, sessionBefore);
        }
        return switch (is.value()) {
            case InstanceRecord record ->
                new InstanceChange(
                        key, before, record.storedAt(is.revision()), null, sessionBefore, record.sessionId());
            case Tombstone tombstone -> removal(key, before, tombstone.reason(), sessionBefore);
            case SessionRecord misplaced ->
                throw new IllegalStateException("a session record under the key of instance " + key);
            case NodeRecord misplaced ->
                throw new IllegalStateException("a server's record under the key of instance " + key);
        };
    }

    private static @Nullable InstanceChange removal(
            InstanceKey key, @Nullable Instance before, @Nullable RemovalReason reason, String sessionBefore) {
        return before == null ? null : new InstanceChange(key, before, null, reason, sessionBefore, "");
    }
}
