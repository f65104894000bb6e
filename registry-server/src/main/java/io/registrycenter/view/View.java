package io.registrycenter.view;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.StoredRecord;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
    private final RevisionWaiters waiters = new RevisionWaiters();
    private final Marks marks = new Marks();

    private volatile Contents contents = new Contents(0);
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
        return contents.record(key);
    }

    /** The servers that are alive, where the engine tells; weakly consistent while commits are applied. */
    public Collection<StoredRecord> nodes() {
        return contents.nodes();
    }

    /** The instances a session holds now. */
    public Collection<InstanceKey> instancesOf(String sessionId) {
        return contents.holders().of(sessionId);
    }

    /** Every session record; weakly consistent while commits are applied. */
    public Collection<StoredRecord> sessions() {
        return contents.sessions();
    }

    /** An estimate of the heap that instances, tombstones and sessions take. */
    public long bytes() {
        return contents.bytes();
    }

    public int sessionCount() {
        return contents.sessions().size();
    }

    /** The server processes that session records name as their owners, whether they are alive or not. */
    public Set<String> owners() {
        return contents.owners().holders();
    }

    /** The sessions whose records name this owner. */
    public Collection<String> ownedBy(String owner) {
        return contents.owners().of(owner);
    }

    public int ownedCount(String owner) {
        return contents.owners().count(owner);
    }

    public int instanceCount(String namespace, String service) {
        NamespaceState state = contents.namespace(namespace);
        return state == null ? 0 : state.count(service);
    }

    /** The services of a namespace that have instances, by name. */
    public List<ServiceSummary> services(String namespace) {
        NamespaceState state = contents.namespace(namespace);
        return state == null ? List.of() : state.summaries();
    }

    /** What an interest matches, at one revision that is at least {@link #revision} as read before the call. */
    public ViewSnapshot snapshot(Interest interest) {
        long applied = revision;
        Contents now = contents;
        long atLeast = Math.max(applied, now.since);
        NamespaceState state = now.namespace(interest.namespace());
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
        return contents.tombstonesUpTo(upTo, max);
    }

    // --- the applier's side: one thread ------------------------------------------------------------------------------

    Contents contents() {
        return contents;
    }

    /** Shows other contents from now on; their revision is {@link #applied} next. */
    void show(Contents replacement) {
        contents = replacement;
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

    /**
     * The one way the freshness changes; what it may not become from here is ignored.
     *
     * @param silence for how long nothing was known already, when it becomes stale; what is stale before stays as old as it is
     */
    synchronized void become(Freshness next, Duration silence) {
        if (!freshness.mayBecome(next)) {
            return;
        }
        if (next.stale() && !freshness.stale()) {
            staleSinceNanos = nanoTime.getAsLong() - silence.toNanos();
        }
        freshness = next;
    }
}
