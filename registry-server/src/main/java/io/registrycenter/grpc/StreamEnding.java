package io.registrycenter.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.watch.PreviousClose;
import io.registrycenter.watch.PreviousEnd;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Knows, when a stream is over, why, and says so. Confined to the event loop of its connection. */
final class StreamEnding {

    /** What the ends of all streams are told with. */
    record Means(CloseCauses causes, CloseLog log, LongSupplier nanoTime) {}

    private final Means means;
    private final StreamStatus status;
    private final @Nullable Deadline deadline;
    private final long openedNanos;
    private long heardNanos;

    /** Made when the call starts, in its context. */
    StreamEnding(Means means, StreamStatus status) {
        this.means = means;
        this.status = status;
        this.deadline = Context.current().getDeadline();
        this.openedNanos = means.nanoTime().getAsLong();
        this.heardNanos = openedNanos;
    }

    /** The connection the stream is on. */
    GrpcConnection connection() {
        return status.connection();
    }

    int streamId() {
        return status.streamId();
    }

    /** The client was told this about the end, past the call. */
    void told(String text) {
        status.told(text);
    }

    /** A frame came. */
    void heard() {
        heardNanos = means.nanoTime().getAsLong();
    }

    /** Says why, now or a moment later in the same turn of the event loop; once. */
    void whenKnown(Consumer<CloseCause> told) {
        connection().evidence().whenKnown(() -> told.accept(cause()));
    }

    private CloseCause cause() {
        return means.causes().ofStream(status.closed(), deadline, connection().evidence());
    }

    /** What this server remembers of the end of the client's previous stream; null: nothing. */
    @Nullable
    PreviousEnd known(PreviousClose seen) {
        return means.log().known(seen.streamId());
    }

    /** The client tells what it saw of the end of its previous stream. */
    void previously(PreviousClose seen) {
        means.log().reported(seen.streamId(), new Disconnect.ClientView(seen.cause(), seen.idle(), seen.detail()));
    }

    /**
     * Says that the stream is over.
     *
     * @param cause ours, when we ended it, else {@link #cause}
     */
    void ended(Disconnect.Kind kind, String id, CloseCause cause, Disconnect.Standing standing) {
        long now = means.nanoTime().getAsLong();
        Disconnect.Evidence seen =
                Witness.evidence(status.closed(), connection().evidence());
        means.log()
                .ended(new Disconnect(
                        kind,
                        id,
                        cause,
                        Witness.confidence(cause, seen),
                        connection().peer(),
                        Duration.ofNanos(now - openedNanos),
                        Duration.ofNanos(now - heardNanos),
                        status.said().isEmpty() ? standing : standing.saying(status.said()),
                        seen));
    }
}
