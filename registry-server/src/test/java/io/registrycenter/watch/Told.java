package io.registrycenter.watch;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import java.util.List;

/** What a client understands of an answer, whether it came as a frame or over the wire. Immutable. */
sealed interface Told {

    long subscriptionId();

    record Part(
            long subscriptionId,
            SnapshotReason reason,
            Cursor cursor,
            List<Instance> instances,
            int part,
            boolean last,
            int total)
            implements Told {}

    record Delta(long subscriptionId, long after, long revision, long mark, boolean coalesced, List<Change> changes)
            implements Told {}

    record Heartbeat(long subscriptionId, long seq, Cursor cursor) implements Told {}

    record Ended(long subscriptionId, CloseCause cause) implements Told {}

    /** A frame of the hub in these words; empty for what concerns no subscription. */
    static List<Told> of(Frame frame, WordsEncoding encoding) {
        return switch (frame) {
            case Frame.Welcome welcome -> List.of();
            case Frame.Drain drain -> List.of();
            case Frame.Snapshot part ->
                List.of(new Part(
                        part.subscriptionId(),
                        part.reason(),
                        part.cursor(),
                        encoding.instances(part.instances()),
                        part.part(),
                        part.last(),
                        part.total()));
            case Frame.Deltas deltas -> List.copyOf(encoding.deltas(deltas));
            case Frame.Heartbeat heartbeat ->
                List.of(new Heartbeat(heartbeat.subscriptionId(), heartbeat.seq(), heartbeat.cursor()));
            case Frame.SubscriptionEnded ended -> List.of(new Ended(ended.subscriptionId(), ended.cause()));
        };
    }
}
