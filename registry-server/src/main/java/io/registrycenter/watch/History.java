package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Interest;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.View;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The recent past of this node: a ring for every service and every namespace, inside one budget. Snapshots in memory count
 * into it, up to half of it.
 *
 * <p>Published to by the applier thread; trimmed by the ticking thread too, so both hold the monitor. Reading a ring takes no
 * lock.
 */
final class History {

    /** A snapshot nobody asked for during this time is let go. */
    private static final long SNAPSHOT_KEEP_NANOS = 10_000_000_000L;

    /** What label interests may remember, as a part of all history. */
    private static final int REMEMBERED_SHARE = 8;

    private final View view;
    private final Encoding encoding;
    private final WatchSettings settings;
    private final LongSupplier nanoTime;
    private final ConcurrentHashMap<Scope.Key, Scope> scopes = new ConcurrentHashMap<>();
    private final SnapshotShelf shelf;

    /** One token for each entry, in publishing order: the oldest entry of the first scope is the oldest of all. */
    @GuardedBy("this")
    private final ArrayDeque<Scope> order = new ArrayDeque<>();

    /** Entries that left by their scope's own limit while their token still stands in {@link #order}. */
    @GuardedBy("this")
    private final Map<Scope, Integer> spentTokens = new LinkedHashMap<>();

    @GuardedBy("this")
    private long cost;

    /** What history and snapshots may take now: all of their share, or less while the heap is tight. */
    @GuardedBy("this")
    private long allowed;

    private final RememberedBytes remembered;

    /** Below this revision a scope that is made anew may have missed something. */
    private volatile long floor;

    /** Of the last {@link #restart}; 0: there was none. */
    private volatile long restartedAt;

    History(View view, Encoding encoding, WatchSettings settings, LongSupplier nanoTime) {
        this.view = view;
        this.encoding = encoding;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.shelf = new SnapshotShelf(settings.nodeBytes() / 2);
        this.remembered = new RememberedBytes(settings.nodeBytes() / REMEMBERED_SHARE);
        this.allowed = settings.nodeBytes();
    }

    /** The view was loaded at this revision: the past before it is not known here. Before the first commit. */
    void begin(long loadedRevision) {
        floor = loadedRevision;
    }

    /**
     * Forgets everything: what happened up to this revision is not known here. Applier thread.
     *
     * @return every scope there is: whoever watches one has to start again
     */
    synchronized List<Scope> restart(long revision) {
        floor = revision;
        // A scope that is being made with the floor before is either found by the walk or finds this in scope().
        restartedAt = revision;
        List<Scope> all = List.copyOf(scopes.values());
        all.forEach(scope -> scope.restart(revision));
        order.clear();
        spentTokens.clear();
        cost = 0;
        return all;
    }

    /** The ring of an interest's service or namespace; made when it is not there yet. */
    Scope scope(String namespace, String service) {
        Scope scope = scopes.computeIfAbsent(new Scope.Key(namespace, service), this::newScope);
        if (scope.ring().floor() < restartedAt) {
            restart(scope);
        }
        return scope;
    }

    private synchronized void restart(Scope scope) {
        if (scope.ring().floor() < restartedAt) {
            scope.restart(restartedAt);
        }
    }

    /** A scope that was let go while somebody looked it up. */
    void forget(Scope retired) {
        scopes.remove(retired.key(), retired);
    }

    private Scope newScope(Scope.Key key) {
        Interest interest = new Interest(key.namespace(), key.service(), Map.of());
        return new Scope(key, floor, snapshotCache(interest));
    }

    SnapshotCache snapshotCache(Interest interest) {
        return new SnapshotCache(view, encoding, interest, settings.partBytes(), shelf, nanoTime);
    }

    /** Appends a commit to every ring it concerns, encoded once, and returns those. Applier thread. */
    synchronized List<Scope> publish(AppliedCommit commit) {
        List<InstanceChange> changes = commit.instances();
        if (changes.size() == 1) {
            InstanceChange only = changes.get(0);
            byte[] bytes = encoding.changes(List.of(word(only)));
            List<Scope> touched = new ArrayList<>(2);
            touched.add(append(only.key().namespace(), only.key().service(), commit.revision(), changes, bytes));
            touched.add(append(only.key().namespace(), "", commit.revision(), changes, bytes));
            trimToBudget();
            return touched;
        }
        Map<Scope.Key, List<InstanceChange>> byScope = new LinkedHashMap<>();
        for (InstanceChange change : changes) {
            String namespace = change.key().namespace();
            byScope.computeIfAbsent(new Scope.Key(namespace, change.key().service()), k -> new ArrayList<>())
                    .add(change);
            byScope.computeIfAbsent(new Scope.Key(namespace, ""), k -> new ArrayList<>())
                    .add(change);
        }
        Map<String, byte[]> ofNamespace = new LinkedHashMap<>();
        List<Scope> touched = new ArrayList<>(byScope.size());
        byScope.forEach((key, own) -> {
            List<InstanceChange> all =
                    Objects.requireNonNull(byScope.get(new Scope.Key(key.namespace(), "")), "every service is in one");
            // A service that all changes of its namespace are about has the same bytes.
            byte[] bytes = own.size() < all.size()
                    ? encoded(own)
                    : ofNamespace.computeIfAbsent(key.namespace(), namespace -> encoded(all));
            touched.add(append(key.namespace(), key.service(), commit.revision(), List.copyOf(own), bytes));
        });
        trimToBudget();
        return touched;
    }

    private byte[] encoded(List<InstanceChange> changes) {
        return encoding.changes(changes.stream().map(History::word).toList());
    }

    static Change word(InstanceChange change) {
        return change.after() != null
                ? new Change.Put(change.after())
                : new Change.Removal(
                        change.key().service(),
                        change.key().id(),
                        Objects.requireNonNull(change.reason(), "a removal has a reason"));
    }

    @GuardedBy("this")
    private Scope append(String namespace, String service, long revision, List<InstanceChange> changes, byte[] bytes) {
        Scope scope = scope(namespace, service);
        Ring ring = scope.ring();
        long after = scope.lastRevision();
        byte[] head = encoding.deltaHead(after, revision, view.mark(revision), false, bytes.length);
        HistoryEntry newest = ring.newest();
        int length = head.length + bytes.length;
        Tape.Reel reel = scope.tape().reel(length, rememberedBytes(ring));
        HistoryEntry entry = new HistoryEntry(
                ring.tail(),
                after,
                revision,
                reel,
                Tape.append(reel, head, bytes),
                length,
                changes,
                newest == null ? 0 : newest.changesUpTo(),
                newest == null ? 0 : newest.bytesUpTo(),
                nanoTime.getAsLong());
        scope.append(entry);
        order.addLast(scope);
        cost += entry.cost(scope.key().ofService()) + (newest == null || newest.reel() != reel ? reel.capacity() : 0);
        while (ring.size() > settings.scopeCommits() || rememberedBytes(ring) > settings.scopeBytes()) {
            evict(scope);
            spentTokens.merge(scope, 1, Integer::sum);
        }
        return scope;
    }

    private static long rememberedBytes(Ring ring) {
        HistoryEntry oldest = ring.oldest();
        HistoryEntry newest = ring.newest();
        return oldest == null || newest == null ? 0 : newest.bytesUpTo() - oldest.bytesBefore();
    }

    @GuardedBy("this")
    private void evict(Scope scope) {
        HistoryEntry gone = scope.ring().evictOldest();
        if (gone == null) {
            return;
        }
        HistoryEntry oldest = scope.ring().oldest();
        if (oldest == null) {
            scope.tape().clear();
        }
        boolean lastOfItsReel = oldest == null || oldest.reel() != gone.reel();
        cost -= gone.cost(scope.key().ofService())
                + (lastOfItsReel ? gone.reel().capacity() : 0);
    }

    @GuardedBy("this")
    private void trimToBudget() {
        long forCommits = allowed - shelf.bytes() - remembered.bytes();
        while (cost > forCommits && !order.isEmpty()) {
            evictOldestOfAll();
        }
    }

    @GuardedBy("this")
    private void evictOldestOfAll() {
        Scope scope = order.removeFirst();
        Integer spent = spentTokens.get(scope);
        if (spent == null) {
            evict(scope);
        } else if (spent == 1) {
            spentTokens.remove(scope);
        } else {
            spentTokens.put(scope, spent - 1);
        }
    }

    /** Lets go of what is older than the history's age. Cheap: call it as often as you like. */
    synchronized void trim(long nowNanos) {
        long oldestKept = nowNanos - settings.historyAge().toNanos();
        while (!order.isEmpty() && isOlder(order.getFirst(), oldestKept)) {
            evictOldestOfAll();
        }
    }

    /** Lets go of scopes nobody needs and of snapshots nobody asked for lately. Walks over all scopes. */
    void sweep(long nowNanos) {
        for (Scope scope : scopes.values()) {
            scope.dropSnapshotsBefore(nowNanos - SNAPSHOT_KEEP_NANOS);
            if (scope.ring().size() == 0) {
                retire(scope);
            }
        }
    }

    /** With the monitor, so that no commit is appended to a scope that is being let go. */
    private synchronized void retire(Scope scope) {
        if (scope.retire()) {
            floor = Math.max(floor, scope.ring().floor());
            scopes.remove(scope.key(), scope);
        }
    }

    @GuardedBy("this")
    private boolean isOlder(Scope scope, long oldestKept) {
        if (spentTokens.containsKey(scope)) {
            return true;
        }
        HistoryEntry oldest = scope.ring().oldest();
        return oldest == null || oldest.publishedNanos() - oldestKept < 0;
    }

    /** Bytes the history holds, with overhead; snapshots in memory come on top, inside the same budget. */
    synchronized long cost() {
        return cost;
    }

    /**
     * From now on history and snapshots take no more than this, or than their share. What is over it goes at once, but for
     * snapshots that are being read.
     */
    synchronized void allow(long bytes) {
        allowed = Math.min(bytes, settings.nodeBytes());
        trimToBudget();
    }

    /** What label interests remember, inside the same budget. */
    RememberedBytes remembered() {
        return remembered;
    }

    SnapshotShelf shelf() {
        return shelf;
    }

    synchronized int entries() {
        int spent = spentTokens.values().stream().mapToInt(Integer::intValue).sum();
        return order.size() - spent;
    }
}
