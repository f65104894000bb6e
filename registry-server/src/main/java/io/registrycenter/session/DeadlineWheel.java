package io.registrycenter.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is due without looking at what is not: a hashed timer wheel whose entries are moved lazily.
 *
 * <p>A deadline that moves further away is not told to the wheel at all: the entry comes up at its old time, its owner sees
 * that it is not due, and schedules it again. So a heartbeat costs nothing here, and an entry comes up about once per TTL.
 * Only a deadline that comes nearer moves its entry. Entries are linked in place: no allocation.
 *
 * <p>Any thread. All times are nanoseconds of one clock that starts near 0 and never jumps back.
 */
final class DeadlineWheel {

    /** With the tick of a quarter second: 17 minutes. A deadline beyond comes up earlier and is scheduled again. */
    private static final int SLOTS = 4096;

    static final long TICK_NANOS = 250_000_000L;

    private static final long UNSCHEDULED = Long.MAX_VALUE;

    /** What can be scheduled; in at most one slot of one wheel. The fields belong to the wheel and its lock. */
    abstract static class Entry {
        private @Nullable Entry previous;
        private @Nullable Entry next;
        private long tick = UNSCHEDULED;
    }

    @GuardedBy("this")
    private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];

    /** The first tick that was not taken out yet. */
    @GuardedBy("this")
    private long nextTick;

    /** The entry comes up at the first {@link #advance} at or after the deadline; earlier if it already was to. */
    synchronized void schedule(Entry entry, long deadlineNanos) {
        long tick = Math.ceilDiv(Math.max(deadlineNanos, 0), TICK_NANOS);
        tick = Math.min(Math.max(tick, nextTick), nextTick + SLOTS - 1);
        if (entry.tick <= tick) {
            return;
        }
        unlink(entry);
        int slot = slot(tick);
        Entry head = slots[slot];
        entry.next = head;
        if (head != null) {
            head.previous = entry;
        }
        slots[slot] = entry;
        entry.tick = tick;
    }

    synchronized void cancel(Entry entry) {
        unlink(entry);
    }

    /** Takes out everything whose time has come. */
    synchronized List<Entry> advance(long nowNanos) {
        long now = Math.floorDiv(nowNanos, TICK_NANOS);
        List<Entry> due = new ArrayList<>();
        long last = Math.min(now, nextTick + SLOTS - 1);
        for (long tick = nextTick; tick <= last; tick++) {
            for (Entry entry = slots[slot(tick)]; entry != null; entry = slots[slot(tick)]) {
                unlink(entry);
                due.add(entry);
            }
        }
        nextTick = Math.max(nextTick, now + 1);
        return due;
    }

    @GuardedBy("this")
    private void unlink(Entry entry) {
        if (entry.tick == UNSCHEDULED) {
            return;
        }
        if (entry.previous == null) {
            slots[slot(entry.tick)] = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next != null) {
            entry.next.previous = entry.previous;
        }
        entry.previous = null;
        entry.next = null;
        entry.tick = UNSCHEDULED;
    }

    private static int slot(long tick) {
        return (int) (tick & (SLOTS - 1));
    }
}
