package io.registrycenter.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ServerCall;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.watch.PreviousClose;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Knows, when a stream is over, why, and says so. Confined to the event loop of its connection. */
final class StreamEnding {

    private final CloseCauses causes;
    private final CloseLog log;
    private final LongSupplier nanoTime;
    private final String peer;
    private final long openedNanos;
    private final @Nullable StreamStatus status;
    private final @Nullable Deadline deadline;
    private final @Nullable CloseEvidence evidence;
    private long heardNanos;

    private StreamEnding(
            CloseCauses causes,
            CloseLog log,
            LongSupplier nanoTime,
            String peer,
            @Nullable StreamStatus status,
            @Nullable Deadline deadline,
            @Nullable CloseEvidence evidence) {
        this.causes = causes;
        this.log = log;
        this.nanoTime = nanoTime;
        this.peer = peer;
        this.openedNanos = nanoTime.getAsLong();
        this.heardNanos = openedNanos;
        this.status = status;
        this.deadline = deadline;
        this.evidence = evidence;
    }

    /** Called when the call starts, in its context. */
    static StreamEnding of(ServerCall<?, ?> call, CloseCauses causes, CloseLog log, LongSupplier nanoTime) {
        return new StreamEnding(
                causes,
                log,
                nanoTime,
                Peers.of(call),
                StreamStatus.KEY.get(),
                Context.current().getDeadline(),
                call.getAttributes().get(CloseEvidence.KEY));
    }

    /** How the other end is named to operators. */
    String peer() {
        return peer;
    }

    /** A frame came. */
    void heard() {
        heardNanos = nanoTime.getAsLong();
    }

    /** Says why, now or a moment later in the same turn of the event loop; once. */
    void whenKnown(Consumer<CloseCause> told) {
        if (evidence == null) {
            told.accept(cause());
        } else {
            evidence.whenKnown(() -> told.accept(cause()));
        }
    }

    private CloseCause cause() {
        return causes.ofStream(status == null ? null : status.closed(), deadline, evidence);
    }

    /** The client tells what it saw of the end of its previous stream. */
    void previously(PreviousClose seen) {
        log.reported(seen.streamId(), new Disconnect.ClientView(seen.cause(), seen.idle(), seen.detail()));
    }

    /**
     * Says that the stream is over.
     *
     * @param cause ours, when we ended it, else {@link #cause}
     */
    void ended(Disconnect.Kind kind, String id, CloseCause cause, Disconnect.Standing standing) {
        long now = nanoTime.getAsLong();
        Disconnect.Evidence seen = Witness.evidence(status == null ? null : status.closed(), evidence);
        log.ended(new Disconnect(
                kind,
                id,
                cause,
                Witness.confidence(cause, seen),
                peer,
                Duration.ofNanos(now - openedNanos),
                Duration.ofNanos(now - heardNanos),
                standing,
                seen));
    }
}
