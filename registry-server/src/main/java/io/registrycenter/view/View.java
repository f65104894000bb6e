package io.registrycenter.view;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The current state as this node knows it: a consistent prefix of the store's history.
 *
 * <p>Changed by {@link Applier} alone, on one thread; read from any thread without waiting. Single records may be seen
 * while a commit is being applied; a {@link #snapshot} never shows half a commit.
 */
public final class View {

    private final String epoch;
    private final ConcurrentHashMap<RecordKey, StoredRecord> records = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, StoredRecord> sessions = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<RecordKey, StoredRecord> nodes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, NamespaceState> namespaces = new ConcurrentHashMap<>();
    private final Holdings<InstanceKey> holders = new Holdings<>();
    private final Holdings<String> owners = new Holdings<>();
    private final Tombstones tombstones = new Tombstones();
    private final RevisionWaiters waiters = new RevisionWaiters();
    private final Marks marks = new Marks();

    /** An estimate; written by the applier. */
    private final AtomicLong bytes = new AtomicLong();

    private volatile long revision;
    private volatile Freshness freshness = Freshness.CATCHING_UP;

    /** By the clock; means something while the view is stale. */
    private volatile long staleSinceNanos;

    private final LongSupplier nanoTime;

    public View(String epoch) {
        this(epoch, System::nanoTime);
    }

    /** @param nanoTime monotonic, as {@link System#nanoTime}; tells how old stale data is */
    View(String epoch, LongSupplier nanoTime) {
        this.epoch = epoch;
        this.nanoTime = nanoTime;
    }

    public String epoch() {
        return epoch;
    }

    /** Every commit up to this revision is applied. */
    public long revision() {
        return revision;
    }

    public Cursor cursor() {
        return cursor(revision);
    }

    /** The cursor of a revision; without a mark where that is not known, as for a revision that is not applied yet. */
    public Cursor cursor(long wanted) {
        return new Cursor(epoch, wanted, mark(wanted));
    }

    /** The mark of a revision, {@link Cursor#NO_MARK} where it is not known. */
    public long mark(long wanted) {
        return marks.at(wanted);
    }

    /**
     * Whether a cursor is a position of this history.
     *
     * @param cursor of another epoch, or at most at {@link #revision}: the mark of a later one is not known yet
     */
    public Lineage lineage(Cursor cursor) {
        if (!cursor.epoch().equals(epoch)) {
            return Lineage.OTHER;
        }
        if (cursor.mark() == Cursor.NO_MARK) {
            return Lineage.SAME;
        }
        long known = marks.at(cursor.revision());
        if (known == Cursor.NO_MARK) {
            return Lineage.FORGOTTEN;
        }
        return known == cursor.mark() ? Lineage.SAME : Lineage.OTHER;
    }

    public Freshness freshness() {
        return freshness;
    }

    /** How long ago what is served was last known to be all there is; zero while it is not stale. */
    public Duration staleFor() {
        return freshness.stale() ? Duration.ofNanos(nanoTime.getAsLong() - staleSinceNanos) : Duration.ZERO;
    }

    /** An instance record, tombstone or session record as applied; null where there is none. */
    public @Nullable StoredRecord record(RecordKey key) {
        return switch (key) {
            case RecordKey.OfSession session -> sessions.get(session.sessionId());
            case RecordKey.OfInstance instance -> records.get(instance);
            case RecordKey.OfNode node -> nodes.get(node);
        };
    }

    /** The servers that are alive, where the engine tells; weakly consistent while commits are applied. */
    public Collection<StoredRecord> nodes() {
        return nodes.values();
    }

    /** The instances a session holds now. */
    public Collection<InstanceKey> instancesOf(String sessionId) {
        return holders.of(sessionId);
    }

    /** Every session record; weakly consistent while commits are applied. */
    public Collection<StoredRecord> sessions() {
        return sessions.values();
    }

    /** An estimate of the heap that instances, tombstones and sessions take. */
    public long bytes() {
        return bytes.get();
    }

    public int sessionCount() {
        return sessions.size();
    }

    /** The server processes that session records name as their owners, whether they are alive or not. */
    public Set<String> owners() {
        return owners.holders();
    }

    /** The sessions whose records name this owner. */
    public Collection<String> ownedBy(String owner) {
        return owners.of(owner);
    }

    public int ownedCount(String owner) {
        return owners.count(owner);
    }

    public int instanceCount(String namespace, String service) {
        NamespaceState state = namespaces.get(namespace);
        return state == null ? 0 : state.count(service);
    }

    /** The services of a namespace that have instances, by name. */
    public List<ServiceSummary> services(String namespace) {
        NamespaceState state = namespaces.get(namespace);
        return state == null ? List.of() : state.summaries();
    }

    /** What an interest matches, at one revision that is at least {@link #revision} as read before the call. */
    public ViewSnapshot snapshot(Interest interest) {
        long atLeast = revision;
        NamespaceState state = namespaces.get(interest.namespace());
        if (state == null) {
            return new ViewSnapshot(cursor(atLeast), List.of());
        }
        NamespaceState.At at = state.snapshot(interest, atLeast);
        List<Instance> instances = at.instances();
        if (interest.filtered()) {
            instances = instances.stream().filter(interest::matches).toList();
        }
        return new ViewSnapshot(cursor(at.revision()), instances);
    }

    /**
     * Completes when a revision is applied, on the applier thread: go on elsewhere. The caller sets the deadline, for
     * example by {@code orTimeout}.
     */
    public CompletableFuture<Void> reached(long wanted) {
        if (revision >= wanted) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> waiting = waiters.await(wanted);
        // It may have been reached between the look and the wait.
        waiters.applied(revision);
        return waiting;
    }

    /** The oldest tombstones written up to a revision, at most {@code max}. */
    public Collection<StoredRecord> tombstonesUpTo(long upTo, int max) {
        List<StoredRecord> result = new ArrayList<>();
        for (Tombstones.Entry entry : tombstones.oldest(upTo, max, this::stands)) {
            StoredRecord record = records.get(entry.key());
            if (record != null && record.revision() == entry.revision()) {
                result.add(record);
            }
        }
        return result;
    }

    private boolean stands(Tombstones.Entry entry) {
        StoredRecord record = records.get(entry.key());
        return record != null && record.revision() == entry.revision() && record.value() instanceof Tombstone;
    }

    // --- the applier's side: one thread ------------------------------------------------------------------------------

    @Nullable
    StoredRecord putInstanceRecord(StoredRecord record) {
        if (record.value() instanceof Tombstone) {
            tombstones.add(record.key(), record.revision());
        }
        StoredRecord before = records.put(record.key(), record);
        bytes.addAndGet(ViewFootprint.of(record) - ViewFootprint.of(before));
        return before;
    }

    @Nullable
    StoredRecord deleteInstanceRecord(RecordKey key) {
        StoredRecord before = records.remove(key);
        bytes.addAndGet(-ViewFootprint.of(before));
        return before;
    }

    @Nullable
    StoredRecord putSession(String sessionId, StoredRecord record) {
        StoredRecord before = sessions.put(sessionId, record);
        bytes.addAndGet(ViewFootprint.of(record) - ViewFootprint.of(before));
        owners.moved(sessionId, owner(before), owner(record));
        return before;
    }

    @Nullable
    StoredRecord deleteSession(String sessionId) {
        StoredRecord before = sessions.remove(sessionId);
        bytes.addAndGet(-ViewFootprint.of(before));
        owners.moved(sessionId, owner(before), "");
        return before;
    }

    private static String owner(@Nullable StoredRecord stored) {
        return stored != null && stored.value() instanceof SessionRecord session ? session.owner() : "";
    }

    void putNode(StoredRecord record) {
        nodes.put(record.key(), record);
    }

    void deleteNode(RecordKey key) {
        nodes.remove(key);
    }

    void applyInstances(long commitRevision, String namespace, List<AppliedCommit.InstanceChange> changes) {
        for (AppliedCommit.InstanceChange change : changes) {
            holders.moved(change.key(), change.beforeSession(), change.afterSession());
        }
        namespaces.computeIfAbsent(namespace, ignored -> new NamespaceState()).apply(commitRevision, changes);
    }

    /** Before any of the changes is shown: whoever sees a revision finds its mark. */
    void mark(long commitRevision, List<AppliedCommit.InstanceChange> changes) {
        marks.applied(commitRevision, changes);
    }

    /** The state that a node begins with; nothing is known of what was before. */
    void beginMarks(long loadedRevision, List<AppliedCommit.InstanceChange> state) {
        marks.begin(loadedRevision, state);
    }

    void applied(long commitRevision) {
        revision = commitRevision;
    }

    void announce(long commitRevision) {
        waiters.applied(commitRevision);
    }

    void freshness(Freshness now) {
        freshness = now;
    }

    /** @param silence for how long nothing was known already; what is stale before stays as old as it is */
    void stale(Freshness now, Duration silence) {
        if (!freshness.stale()) {
            staleSinceNanos = nanoTime.getAsLong() - silence.toNanos();
        }
        freshness = now;
    }
}
