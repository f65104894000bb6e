package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.callback.Callbacks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One intended change of an instance, from the user's word to the registry's answer. Its request id is made once and
 * repeated with every try, so that a lost answer does no harm.
 *
 * @param payload the instance as it shall be afterwards
 * @param waiting told when it is settled; few, since newer intents take over those of older ones
 */
record Intent(Kind kind, String requestId, Instance payload, List<CompletableFuture<Cursor>> waiting) {

    enum Kind {
        PUT,
        STATUS,
        REMOVE
    }

    /** The same wish for another session, or with a newer payload: another call, with those who wait for either. */
    Intent with(Kind newKind, String newRequestId, Instance newPayload, List<CompletableFuture<Cursor>> more) {
        List<CompletableFuture<Cursor>> all = new ArrayList<>(waiting);
        all.addAll(more);
        return new Intent(newKind, newRequestId, newPayload, all);
    }

    void acknowledge(Callbacks callbacks, Cursor cursor) {
        waiting.forEach(stage -> callbacks.complete(stage, cursor));
    }

    void fail(Callbacks callbacks, RegistryException reason) {
        waiting.forEach(stage -> callbacks.fail(stage, reason));
    }
}
