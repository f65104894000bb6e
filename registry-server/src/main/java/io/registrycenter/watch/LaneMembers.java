package io.registrycenter.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Who is told of one scope on one lane. Confined to the lane, but for {@link #wake}. */
final class LaneMembers {

    private final Lane lane;
    private final List<LaneMember> members = new ArrayList<>();
    private final AtomicBoolean dirty = new AtomicBoolean();

    /** Read by the applier; written on the lane. A member is counted before it looks at the ring's tail. */
    private volatile int count;

    /** Grows when a member leaves, which moves another: a walk in progress starts again. */
    private long departures;

    LaneMembers(Lane lane) {
        this.lane = lane;
    }

    /** Any thread. */
    void wake(Scope scope, long publishedNanos) {
        if (count == 0 || !dirty.compareAndSet(false, true)) {
            return;
        }
        boolean queued = false;
        try {
            lane.enqueue(scope, this, publishedNanos);
            queued = true;
        } finally {
            if (!queued) {
                // Else no later commit would wake anybody here.
                dirty.set(false);
            }
        }
    }

    /** Before the walk, so that a commit published during it wakes the lane again. */
    void clearDirty() {
        dirty.set(false);
    }

    void add(LaneMember member) {
        member.memberIndex = members.size();
        members.add(member);
        count = members.size();
    }

    void remove(LaneMember member) {
        int last = members.size() - 1;
        LaneMember moved = members.get(last);
        members.set(member.memberIndex, moved);
        moved.memberIndex = member.memberIndex;
        members.remove(last);
        departures++;
        count = last;
    }

    int size() {
        return members.size();
    }

    LaneMember get(int index) {
        return members.get(index);
    }

    long departures() {
        return departures;
    }
}
