package io.registrycenter.session;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.view.Lineage;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the history here is the one that a resumed session's client knows. Where an older copy of the data was put back
 * under the same epoch, the session may be in the copy while what it registered later is not. For any thread.
 */
final class KnownHistory {

    /** A server that was just started, or lags behind its store, has this long to come to the client's revision. */
    private static final Duration WAIT = Duration.ofSeconds(1);

    private final View view;

    KnownHistory(View view) {
        this.view = view;
    }

    /**
     * Whether the history is of the cursor's epoch, but another one, or nobody can tell. Completes at once, or when the view has
     * reached the cursor.
     *
     * @param held the session as its resume left it: durable after everything that its client was told before
     * @param from the newest cursor the client was told; null: none
     */
    CompletableFuture<Boolean> otherThanOf(Held held, @Nullable Cursor from) {
        if (from == null || !from.epoch().equals(view.epoch())) {
            // Of another epoch the client learns by the next heartbeat.
            return CompletableFuture.completedFuture(false);
        }
        if (from.revision() >= held.revision()) {
            return CompletableFuture.completedFuture(true);
        }
        return view.reached(from.revision())
                .orTimeout(WAIT.toMillis(), TimeUnit.MILLISECONDS)
                .handle((reached, late) -> late != null || view.lineage(from) != Lineage.SAME);
    }
}
