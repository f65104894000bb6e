package io.registrycenter.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ServerCall;
import io.registrycenter.catalog.CloseCause;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Knows, when a stream is over, why. Confined to the event loop of its connection. */
final class StreamEnding {

    private final CloseCauses causes;
    private final @Nullable StreamStatus status;
    private final @Nullable Deadline deadline;
    private final @Nullable CloseEvidence evidence;

    private StreamEnding(
            CloseCauses causes,
            @Nullable StreamStatus status,
            @Nullable Deadline deadline,
            @Nullable CloseEvidence evidence) {
        this.causes = causes;
        this.status = status;
        this.deadline = deadline;
        this.evidence = evidence;
    }

    /** Called when the call starts, in its context. */
    static StreamEnding of(ServerCall<?, ?> call, CloseCauses causes) {
        return new StreamEnding(
                causes,
                StreamStatus.KEY.get(),
                Context.current().getDeadline(),
                call.getAttributes().get(CloseEvidence.KEY));
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
}
