package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One label interest on one scope: what each commit means to it, encoded once for all its subscriptions. Any thread.
 *
 * <p>A change is judged with the instance before and after it: matched after is a put; matched before but not after is a
 * removal; neither is nothing.
 */
final class LabelView {

    private static final int REMEMBERED = 256;

    /** What a commit means to this interest. {@code bytes} is empty when it means nothing. */
    record Told(byte[] bytes, int changes) {

        private static final int OVERHEAD = 128;

        long cost() {
            return (long) bytes.length + OVERHEAD;
        }
    }

    private static final Told NOTHING = new Told(new byte[0], 0);

    private final Interest interest;
    private final SnapshotCache snapshots;
    private final Encoding encoding;
    private final RememberedBytes remembered;

    @GuardedBy("this")
    private final LinkedHashMap<Long, Told> told = new LinkedHashMap<>();

    @GuardedBy("this")
    private boolean closed;

    /** Guarded by the scope. */
    int users;

    /** @param remembered by all label interests of this server */
    LabelView(Interest interest, SnapshotCache snapshots, Encoding encoding, RememberedBytes remembered) {
        this.interest = interest;
        this.snapshots = snapshots;
        this.encoding = encoding;
        this.remembered = remembered;
    }

    Interest interest() {
        return interest;
    }

    SnapshotCache snapshots() {
        return snapshots;
    }

    Told told(HistoryEntry entry) {
        synchronized (this) {
            Told known = told.get(entry.seq());
            if (known != null) {
                return known;
            }
        }
        List<Change> changes = judge(interest, entry.changes());
        Told fresh = changes.isEmpty() ? NOTHING : new Told(encoding.changes(changes), changes.size());
        remember(entry.seq(), fresh);
        return fresh;
    }

    /** In place of the oldest; where there is no room for it, it is encoded again for the next who asks. */
    private synchronized void remember(long seq, Told fresh) {
        if (closed || told.containsKey(seq)) {
            return;
        }
        if (told.size() >= REMEMBERED) {
            forgetOldest();
        }
        if (remembered.remember(fresh.cost())) {
            told.put(seq, fresh);
        } else {
            forgetOldest();
        }
    }

    @GuardedBy("this")
    private void forgetOldest() {
        Map.Entry<Long, Told> oldest = told.pollFirstEntry();
        if (oldest != null) {
            remembered.forget(oldest.getValue().cost());
        }
    }

    /** Nobody asks any more. */
    synchronized void close() {
        closed = true;
        told.values().forEach(one -> remembered.forget(one.cost()));
        told.clear();
        snapshots.close();
    }

    /** What changes of one commit, or the net changes of several, mean to an interest. */
    static List<Change> judge(Interest interest, List<InstanceChange> changes) {
        List<Change> result = new ArrayList<>(changes.size());
        for (InstanceChange change : changes) {
            Change told = judge(interest, change);
            if (told != null) {
                result.add(told);
            }
        }
        return result;
    }

    private static @Nullable Change judge(Interest interest, InstanceChange change) {
        Instance before = change.before();
        Instance after = change.after();
        if (after != null && interest.matches(after)) {
            return new Change.Put(after);
        }
        if (before == null || !interest.matches(before)) {
            return null;
        }
        return removal(
                change, after == null ? Objects.requireNonNull(change.reason()) : RemovalReason.NO_LONGER_MATCHES);
    }

    private static Change removal(InstanceChange change, RemovalReason reason) {
        return new Change.Removal(change.key().service(), change.key().id(), reason);
    }
}
