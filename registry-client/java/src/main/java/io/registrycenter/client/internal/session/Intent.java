package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.callback.Callbacks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One intended change of an instance, from the user's word to the registry's answer. Its request id is made once and
 * repeated with every try, so that a lost answer does no harm.
 *
 * @param payload the instance as it shall be afterwards
 * @param registration the only one that is meant, by epoch and created revision; null: whichever the session holds
 * @param waiting told when it is settled; few, since newer intents take over those of older ones
 */
record Intent(
        Kind kind,
        String requestId,
        Instance payload,
        @Nullable Cursor registration,
        List<CompletableFuture<Cursor>> waiting) {

    enum Kind {
        PUT,
        STATUS,
        REMOVE
    }

    /** A wish, of which it is not known yet which registration it will meet. */
    static Intent of(Kind kind, String requestId, Instance payload, List<CompletableFuture<Cursor>> waiting) {
        return new Intent(kind, requestId, payload, null, waiting);
    }

    /** A wish with a newer payload: another call, with those who wait for either. */
    Intent with(String newRequestId, Instance newPayload, List<CompletableFuture<Cursor>> more) {
        List<CompletableFuture<Cursor>> all = new ArrayList<>(waiting);
        all.addAll(more);
        return new Intent(Kind.PUT, newRequestId, newPayload, null, all);
    }

    /** The call that it becomes when it is sent for the first time. */
    Intent as(Kind newKind, @Nullable Cursor meant) {
        return new Intent(newKind, requestId, payload, meant, waiting);
    }

    void acknowledge(Callbacks callbacks, Cursor cursor) {
        waiting.forEach(stage -> callbacks.complete(stage, cursor));
    }

    void fail(Callbacks callbacks, RegistryException reason) {
        waiting.forEach(stage -> callbacks.fail(stage, reason));
    }
}
