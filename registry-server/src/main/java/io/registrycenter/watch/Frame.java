package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a watch stream tells its client, one message each. Immutable; {@code subscriptionId} 0 concerns the stream. */
public sealed interface Frame {

    long subscriptionId();

    /** Bytes of it that other streams may be told too; the rest is small. */
    default int sharedBytes() {
        return 0;
    }

    /**
     * Answer to hello.
     *
     * @param previousEnd what this server knows of the end of the client's previous stream; null: nothing
     */
    record Welcome(String streamId, Cursor cursor, @Nullable PreviousEnd previousEnd) implements Frame {
        @Override
        public long subscriptionId() {
            return 0;
        }
    }

    /** One part of a complete state. */
    record Snapshot(
            long subscriptionId,
            SnapshotReason reason,
            Cursor cursor,
            Encoding.Part instances,
            int part,
            boolean last,
            int total)
            implements Frame {

        @Override
        public int sharedBytes() {
            return instances.bytes().length;
        }
    }

    /**
     * Commits, in order: encoded deltas one after another, in bytes that every stream shares that is told the same ones.
     *
     * @param commits how many
     */
    record Deltas(long subscriptionId, int commits, List<Slice> encoded) implements Frame {

        @Override
        public int sharedBytes() {
            int bytes = 0;
            for (int i = 0; i < encoded.size(); i++) {
                bytes += encoded.get(i).length();
            }
            return bytes;
        }
    }

    /** Proof of life, or, with a subscription, its first answer: nothing was missed. */
    record Heartbeat(long subscriptionId, long seq, Cursor cursor) implements Frame {}

    /** The server asks the client to move. */
    record Drain(CloseCause cause, Duration deadline, Duration reconnectAfter) implements Frame {
        @Override
        public long subscriptionId() {
            return 0;
        }
    }

    /** One subscription ended; the stream goes on. */
    record SubscriptionEnded(
            long subscriptionId, CloseCause cause, @Nullable Cursor cursor, Duration retryAfter, String message)
            implements Frame {}
}
