package io.registrycenter.watch;

import io.registrycenter.Proof;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * What a subscription does on a ring is one step to everybody else: it finds the first commit after its cursor, or that there is
 * none, or that it is too late for it; whatever the one writer does meanwhile. Checked over the interleavings of both.
 */
public class RingModelTest {

    private static final long COMPACTED = -1;
    private static final long NOTHING = 0;

    /** As many as a ring begins with, so that it grows soon. */
    private static final int FIRST = 15;

    private final Ring ring = new Ring(0);
    private final Tape tape = new Tape();
    private long newest;

    public RingModelTest() {
        for (int i = 0; i < FIRST; i++) {
            append();
        }
    }

    @Operation(nonParallelGroup = "writer")
    public final void append() {
        long seq = ring.tail();
        long revision = newest + 1;
        Tape.Reel reel = tape.reel(1, 0);
        int offset = Tape.append(reel, new byte[0], new byte[1]);
        ring.append(new HistoryEntry(seq, newest, revision, reel, offset, 1, List.of(), seq, seq, 0));
        newest = revision;
    }

    @Operation(nonParallelGroup = "writer")
    public void evict() {
        var unused = ring.evictOldest();
    }

    /** As {@link Subscription} does it: the place first, then the floor, then the tail, the entry, and the floor again. */
    @Operation
    public long firstAfter(@Param(gen = IntGen.class, conf = "0:3") int which) {
        // At the ends, where the writer is.
        int cursor = which < 2 ? which : FIRST + which - 2;
        long next = ring.after(cursor);
        if (cursor < ring.floor()) {
            return COMPACTED;
        }
        if (next >= ring.tail()) {
            return NOTHING;
        }
        HistoryEntry entry = ring.get(next);
        if (entry == null || cursor < ring.floor()) {
            return COMPACTED;
        }
        return entry.revision();
    }

    @Test
    void everyInterleavingOfReadersAndTheWriter_hasASequentialExplanation() {
        new ModelCheckingOptions()
                .iterations(Proof.times(8, 100))
                .invocationsPerIteration(Proof.times(60, 5_000))
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(0)
                .minimizeFailedScenario(false)
                .check(RingModelTest.class);
    }
}
