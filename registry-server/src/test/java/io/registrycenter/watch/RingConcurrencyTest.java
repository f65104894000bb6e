package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * One writer that appends and evicts as fast as it can, and readers that walk by cursor. A ring is no linearizable object (a
 * reader combines several looks), so this proves what readers rely on instead.
 */
class RingConcurrencyTest {

    /** An entry's encoded bytes here: its sequence number. */
    private static final int RECORD_BYTES = 24;

    private static final byte[] NO_HEAD = new byte[0];
    private static final int MESSAGE = 16;

    private static final long DEADLINE_SECONDS = 60;
    private static final int READERS = 3;

    @Test
    void readersNeverSeeAGapAboveTheFloor_norAnEntryOutOfPlace() {
        long entries = Proof.times(400_000, 20_000_000);
        Ring ring = new Ring(0);
        // Threads of their own: readers spin, and a shared pool of one thread would never let the writer run.
        ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
        try {
            run(ring, entries, threads);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void run(Ring ring, long entries, ExecutorService threads) {
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            readers.add(CompletableFuture.supplyAsync(() -> walk(ring, revision(entries - 1)), threads));
        }
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(ring, entries), threads);
        writer.orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
        for (CompletableFuture<Long> reader : readers) {
            assertThat(reader.orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join())
                    .as("entries a reader saw")
                    .isPositive();
        }
    }

    private static void write(Ring ring, long entries) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Tape tape = new Tape();
        for (long seq = 0; seq < entries; seq++) {
            Tape.Reel reel = tape.reel(RECORD_BYTES, 4_096);
            byte[] bytes = ByteBuffer.allocate(RECORD_BYTES).putLong(seq).array();
            int offset = Tape.append(reel, NO_HEAD, bytes);
            ring.append(new HistoryEntry(
                    seq, revision(seq - 1), revision(seq), reel, offset, RECORD_BYTES, List.of(), seq, 0, 0));
            int keep = random.nextInt(64) == 0 ? 0 : 200;
            while (ring.size() > keep && seq < entries - 1) {
                var unused = ring.evictOldest();
            }
            if (ring.size() == 0) {
                tape.clear();
            }
        }
    }

    /** With gaps, as in a store. */
    private static long revision(long seq) {
        return (seq + 1) * 3;
    }

    /** Entry by entry; where one was let go it starts anew at the floor, whose sequence number {@link #revision} gives. */
    private static long walk(Ring ring, long last) {
        long seen = 0;
        long written = 0;
        long next = 0;
        while (written < last) {
            long tail = ring.tail();
            if (next >= tail) {
                Thread.onSpinWait();
                continue;
            }
            @Nullable HistoryEntry entry = ring.get(next);
            if (entry == null) {
                long floor = ring.floor();
                assertThat(floor).as("what was let go lies below the floor").isGreaterThan(written);
                written = floor;
                next = written / 3;
                continue;
            }
            assertThat(entry.seq()).isEqualTo(next);
            assertThat(entry.after()).as("no gap").isEqualTo(written);
            HistoryEntry end = ring.get(Math.min(tail, next + MESSAGE) - 1);
            if (end == null) {
                end = entry;
            }
            readBytes(entry, end);
            written = end.revision();
            seen += end.seq() + 1 - next;
            next = end.seq() + 1;
        }
        return seen;
    }

    private static void readBytes(HistoryEntry first, HistoryEntry last) {
        long seq = first.seq();
        for (Slice slice : Tape.between(first, last)) {
            ByteBuffer bytes = ByteBuffer.wrap(slice.bytes(), slice.offset(), slice.length());
            while (bytes.hasRemaining()) {
                assertThat(bytes.getLong()).isEqualTo(seq);
                bytes.position(bytes.position() + RECORD_BYTES - Long.BYTES);
                seq++;
            }
        }
        assertThat(seq).as("the slices end with the last entry").isEqualTo(last.seq() + 1);
    }
}
