package io.registrycenter.load.yardstick;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One service: its instances, and, once somebody watches, a ring of encoded commits. Writers hold the topic's lock for
 * a few puts; readers follow with a position of their own. A reader that the ring has overtaken is an error here.
 */
final class Topic {
    /** Enough for any reader that reads at all; at 350 bytes a commit about 23 MB. */
    private static final int RING = 1 << 16;

    private static final int MASK = RING - 1;

    private final String service;
    private final AtomicLong revisions;
    private final ConcurrentHashMap<EventExecutor, LoopDrain> drains = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private final Map<String, Stored> instances = new HashMap<>();

    @GuardedBy("this")
    private long[] ringRevisions = new long[0];

    @GuardedBy("this")
    private long lastRevision;

    /** What follows this revision is in the ring. */
    @GuardedBy("this")
    private long floor;

    /** Made with the first watcher. Slots are written under the lock, before the head that publishes them. */
    private volatile byte[][] ring = new byte[0][];

    /** Commits ever appended. Readers take no lock: they read the head, the slots, and the head again. */
    private volatile long head;

    private record Stored(long created, byte[] bytes) {}

    /** What a register call wrote. */
    record Written(long revision, byte[] stored) {}

    /** Where a new reader starts, and what it is given first. */
    record Start(long position, long revision, List<byte[]> snapshot, boolean resumed) {}

    Topic(String service, AtomicLong revisions) {
        this.service = service;
        this.revisions = revisions;
    }

    Written put(Encoded.Registration registration) {
        Written written = append(registration);
        for (LoopDrain drain : drains.values()) {
            drain.wake();
        }
        return written;
    }

    private synchronized Written append(Encoded.Registration registration) {
        long revision = revisions.incrementAndGet();
        Stored before = instances.get(registration.id());
        long created = before == null ? revision : before.created();
        byte[] stored = Encoded.stored(registration, created, revision);
        instances.put(registration.id(), new Stored(created, stored));
        if (ring.length > 0) {
            int slot = (int) head & MASK;
            if (head >= RING) {
                floor = ringRevisions[slot];
            }
            ring[slot] = Encoded.delta(lastRevision, revision, stored);
            ringRevisions[slot] = revision;
            head = head + 1;
        }
        lastRevision = revision;
        return new Written(revision, stored);
    }

    /** Begins after this revision where the ring still has what follows, else with a snapshot. */
    synchronized Start start(long cursor) {
        if (ring.length == 0) {
            ring = new byte[RING][];
            ringRevisions = new long[RING];
            floor = lastRevision;
        }
        long tail = Math.max(0, head - RING);
        if (cursor > 0 && cursor >= floor) {
            long position = head;
            while (position > tail && ringRevisions[(int) (position - 1) & MASK] > cursor) {
                position--;
            }
            return new Start(position, cursor, List.of(), true);
        }
        List<byte[]> snapshot = new ArrayList<>(instances.size());
        for (Stored stored : instances.values()) {
            snapshot.add(Encoded.snapshotInstance(stored.bytes()));
        }
        return new Start(head, lastRevision, snapshot, false);
    }

    long head() {
        return head;
    }

    /**
     * Adds the commits from the position on, at most so many.
     *
     * @throws IllegalStateException when the ring has gone on without the reader
     */
    int read(long position, int most, List<byte[]> into) {
        int count = (int) Math.min(most, head - position);
        byte[][] slots = ring;
        for (int i = 0; i < count; i++) {
            into.add(slots[(int) (position + i) & MASK]);
        }
        long behind = head - position;
        if (behind >= RING) {
            throw new IllegalStateException("a watcher of " + service + " is " + behind + " commits behind");
        }
        return count;
    }

    LoopDrain drain(EventExecutor loop) {
        return drains.computeIfAbsent(loop, LoopDrain::new);
    }
}
