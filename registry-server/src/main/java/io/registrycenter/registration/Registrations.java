package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.Rules;
import io.registrycenter.store.Store;
import io.registrycenter.view.Standstill;
import io.registrycenter.view.View;
import java.util.concurrent.CompletableFuture;

/**
 * Register, deregister, status: each one guarded transaction and an acknowledged revision.
 *
 * <p>Any thread, and none is blocked: a call runs on the caller's thread up to the store's queue. The futures complete when
 * the change is durable, on a thread of the store that must not be blocked; with a {@link Refusal} when the caller gets
 * none: {@code InvalidInput}, {@code LimitExceeded}, {@code SessionUnknown}, {@code NotHolder}, {@code Unavailable}. After
 * {@code Unavailable} with the store's trouble the change may have happened; a repeat with the same request id is safe.
 * For a second after this server stood still it takes no calls: those that waited meanwhile may be over for their callers.
 */
public final class Registrations {

    private final GuardedCall.Means means;

    /** @param standstill tells when calls may have waited unseen; given its signs by others as well */
    public Registrations(Store store, View view, Standstill standstill) {
        this.means = new GuardedCall.Means(store, view, standstill);
    }

    /**
     * Registers an instance, or changes it when the session already holds it. Exactly what is stored: a no-op that answers
     * with the stored revision. An id that another session holds is replaced with a new created revision.
     */
    public CompletableFuture<Registered> register(RegisterCommand command) {
        try {
            Rules.namespace(command.namespace());
            Rules.instance(command.instance());
            caller(command.sessionId(), command.requestId());
        } catch (Refusal refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
        return new RegisterCall(means, command).run();
    }

    /** Takes an instance out; {@code NotHolder} when the session does not hold it (any more). */
    public CompletableFuture<Cursor> deregister(DeregisterCommand command) {
        try {
            Rules.key(command.key());
            caller(command.sessionId(), command.requestId());
        } catch (Refusal refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
        return new DeregisterCall(means, command).run();
    }

    /** Changes an instance's status; {@code NotHolder} as in {@link #deregister}. The same status again: a no-op. */
    public CompletableFuture<Cursor> updateStatus(UpdateStatusCommand command) {
        try {
            Rules.key(command.key());
            caller(command.sessionId(), command.requestId());
        } catch (Refusal refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
        return new UpdateStatusCall(means, command).run();
    }

    private static void caller(String sessionId, String requestId) {
        Rules.sessionId("session_id", sessionId);
        Rules.requestId(requestId);
    }
}
