package io.registrycenter.store.etcd;

import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.RangeRequest;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a transaction that nobody heard of again was carried out: looks at what it would have written, and at what
 * was there before that, back to the revision it was guarded by. For any thread.
 */
final class Archaeology {

    /** Others who overwrite one record this often between two tries of ours leave it open what became of the first. */
    private static final int MOST_LAYERS = 16;

    private final Calls calls;

    Archaeology(Calls calls) {
        this.calls = calls;
    }

    /**
     * The revision at which the transaction wrote the record; 0 when it did not and never will.
     *
     * @param newest the record as it is now, null when it was deleted
     * @param guarded the revision at which the transaction expected it
     */
    CompletableFuture<Long> writtenBy(String transactionId, @Nullable KeyValue newest, long guarded) {
        CompletableFuture<Long> found = new CompletableFuture<>();
        dig(transactionId, newest, guarded, MOST_LAYERS, found);
        return found;
    }

    private void dig(
            String transactionId,
            @Nullable KeyValue layer,
            long guarded,
            int layersLeft,
            CompletableFuture<Long> found) {
        if (layer == null || layersLeft == 0) {
            found.completeExceptionally(new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "it is not known whether the commit was carried out: its record was overwritten or deleted since"));
        } else if (layer.getModRevision() <= guarded) {
            found.complete(0L);
        } else if (Values.writtenBy(layer.getValue(), transactionId)) {
            found.complete(layer.getModRevision());
        } else {
            below(transactionId, layer, guarded, layersLeft, found);
        }
    }

    private void below(
            String transactionId, KeyValue layer, long guarded, int layersLeft, CompletableFuture<Long> found) {
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(layer.getKey())
                .setRevision(layer.getModRevision() - 1)
                .build();
        var unused = calls.untilAnswered(KVGrpc.getRangeMethod(), request).whenComplete((range, failure) -> {
            KeyValue lower = failure == null ? Txns.first(range) : null;
            if (failure != null) {
                found.completeExceptionally(failure);
            } else if (lower == null && guarded == 0) {
                // Absent, as expected, just before somebody else made it. One of ours that was deleted in between would
                // have
                // been made and deleted by others within one deadline: the sweeper waits for minutes.
                found.complete(0L);
            } else {
                dig(transactionId, lower, guarded, layersLeft - 1, found);
            }
        });
    }
}
