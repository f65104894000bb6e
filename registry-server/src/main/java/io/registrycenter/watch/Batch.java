package io.registrycenter.watch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Commits from one sequence number up to another (exclusive), as one message holds them: watchers that stand side by side
 * share it.
 *
 * @param deltas at least one
 * @param joined their bytes one after another
 * @param full no more fits: the same batch serves whoever stands at {@code from}, however much has come since
 */
record Batch(long from, long to, List<EncodedDelta> deltas, byte[] joined, boolean full) {

    /** As many commits from {@code [from, tail)} as fit, or null when the ring has lost one of them meanwhile. */
    static @Nullable Batch gather(Ring ring, long from, long tail, WatchSettings settings) {
        long to = Math.min(tail, from + settings.frameCommits());
        boolean full = to == from + settings.frameCommits();
        List<EncodedDelta> deltas = new ArrayList<>((int) (to - from));
        long bytes = 0;
        long seq = from;
        for (; seq < to; seq++) {
            HistoryEntry entry = ring.get(seq);
            if (entry == null) {
                return null;
            }
            bytes += entry.delta().bytes();
            if (bytes > settings.frameBytes() && !deltas.isEmpty()) {
                full = true;
                break;
            }
            deltas.add(entry.delta());
        }
        return new Batch(from, seq, deltas, EncodedDelta.join(deltas), full);
    }

    /** Whether it is what a subscription at {@code next} would be told now. */
    boolean serves(long next, long tail) {
        return from == next && (to >= tail || full);
    }

    /** Of its last commit. */
    long revision() {
        return deltas.get(deltas.size() - 1).revision();
    }
}
