package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.Interest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one chain of revisions runs over: a service, or a whole namespace. Its ring, and who watches it on which lane.
 *
 * <p>Written by the history (one thread at a time); subscriptions come and go on their lanes.
 */
final class Scope {

    /** Of one subscription-free interest on this scope. */
    record Key(String namespace, String service) {

        boolean ofService() {
            return !service.isEmpty();
        }
    }

    private final Key key;
    private final Ring ring;

    /** Touched by the history only. */
    private final Tape tape = new Tape();

    private final SnapshotCache snapshots;

    /** By lane index; replaced as a whole when it grows, so that {@link #wake} reads it without a lock. */
    private volatile @Nullable LaneMembers[] members = new @Nullable LaneMembers[2];

    @GuardedBy("this")
    private final Map<Interest, LabelView> labelViews = new HashMap<>();

    @GuardedBy("this")
    private int subscriptions;

    @GuardedBy("this")
    private boolean retired;

    /** Revision of the newest commit; the next delta's {@code after}. */
    private volatile long lastRevision;

    Scope(Key key, long floor, SnapshotCache snapshots) {
        this.key = key;
        this.ring = new Ring(floor);
        this.snapshots = snapshots;
        this.lastRevision = floor;
    }

    Key key() {
        return key;
    }

    Ring ring() {
        return ring;
    }

    Tape tape() {
        return tape;
    }

    SnapshotCache snapshots() {
        return snapshots;
    }

    long lastRevision() {
        return lastRevision;
    }

    /** History only. */
    void append(HistoryEntry entry) {
        ring.append(entry);
        lastRevision = entry.revision();
    }

    /** Forgets its commits: what happened up to this revision is not known. History only. */
    void restart(long revision) {
        ring.restart(revision);
        tape.clear();
        lastRevision = Math.max(lastRevision, revision);
    }

    /**
     * Tells every lane that has a subscription here; costs by lane, not by watcher.
     *
     * @param publishedNanos when the commit that is to be told was published
     */
    void wake(long publishedNanos) {
        for (LaneMembers lane : members) {
            if (lane != null) {
                lane.wake(this, publishedNanos);
            }
        }
    }

    /**
     * Counts a subscription in; from then on its lane is woken. On the lane.
     *
     * @return null when this scope was let go meanwhile: look it up again
     */
    synchronized @Nullable LaneMembers attach(Lane lane) {
        if (retired) {
            return null;
        }
        subscriptions++;
        @Nullable LaneMembers[] now = members;
        if (lane.index() >= now.length) {
            now = Arrays.copyOf(now, Math.max(lane.index() + 1, now.length * 2));
        }
        LaneMembers mine = now[lane.index()];
        if (mine == null) {
            mine = new LaneMembers(lane);
            now[lane.index()] = mine;
        }
        // Published again even when unchanged, so that a wake that starts now sees the new element.
        members = now;
        return mine;
    }

    synchronized void detach() {
        subscriptions--;
    }

    /** The shared view of a label interest on this scope, counted in. */
    synchronized LabelView labelView(
            Interest interest, SnapshotCache ownSnapshots, Encoding encoding, RememberedBytes remembered) {
        LabelView known =
                labelViews.computeIfAbsent(interest, i -> new LabelView(i, ownSnapshots, encoding, remembered));
        known.users++;
        return known;
    }

    synchronized void release(LabelView labelView) {
        labelView.users--;
        if (labelView.users == 0) {
            labelViews.remove(labelView.interest());
            labelView.close();
        }
    }

    synchronized void dropSnapshotsBefore(long nanos) {
        snapshots.dropBefore(nanos);
        labelViews.values().forEach(labelView -> labelView.snapshots().dropBefore(nanos));
    }

    /** Ends this scope when nobody watches it and nothing is remembered; true when it is over. */
    synchronized boolean retire() {
        if (subscriptions == 0 && ring.size() == 0) {
            retired = true;
            snapshots.close();
        }
        return retired;
    }
}
