package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import java.util.concurrent.CompletableFuture;

/** Register, deregister, status: each one guarded transaction and an acknowledged revision. Any thread. */
public final class Registrations {

    /** Registers an instance, or changes it when the session already holds it. */
    public CompletableFuture<Registered> register(RegisterCommand command) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    /** Takes an instance out. */
    public CompletableFuture<Cursor> deregister(DeregisterCommand command) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    /** Changes an instance's status. */
    public CompletableFuture<Cursor> updateStatus(UpdateStatusCommand command) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }
}
