package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.Rules;
import io.registrycenter.store.Store;
import io.registrycenter.view.View;
import java.util.concurrent.CompletableFuture;

/**
 * Register, deregister, status: each one guarded transaction and an acknowledged revision.
 *
 * <p>Any thread, and none is blocked: a call runs on the caller's thread up to the store's queue. The futures complete when
 * the change is durable, on a thread of the store that must not be blocked; with a {@link Refusal} when the caller gets
 * none: {@code InvalidInput}, {@code LimitExceeded}, {@code SessionUnknown}, {@code NotHolder}, {@code Unavailable}. After
 * {@code Unavailable} with the store's trouble the change may have happened; a repeat with the same request id is safe.
 */
public final class Registrations {

    private final Store store;
    private final View view;

    public Registrations(Store store, View view) {
        this.store = store;
        this.view = view;
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
        return new RegisterCall(store, view, command).run(view);
    }

    /** Takes an instance out; {@code NotHolder} when the session does not hold it (any more). */
    public CompletableFuture<Cursor> deregister(DeregisterCommand command) {
        try {
            Rules.key(command.key());
            caller(command.sessionId(), command.requestId());
        } catch (Refusal refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
        return new DeregisterCall(store, view, command).run(view);
    }

    /** Changes an instance's status; {@code NotHolder} as in {@link #deregister}. The same status again: a no-op. */
    public CompletableFuture<Cursor> updateStatus(UpdateStatusCommand command) {
        try {
            Rules.key(command.key());
            caller(command.sessionId(), command.requestId());
        } catch (Refusal refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
        return new UpdateStatusCall(store, view, command).run(view);
    }

    private static void caller(String sessionId, String requestId) {
        Rules.sessionId(sessionId);
        Rules.requestId(requestId);
    }
}
