package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.registrycenter.store.etcd.wire.CompactionRequest;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RequestOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import java.util.concurrent.CompletableFuture;

/**
 * Moves the floor: first written down, so that every server knows it, then told to etcd. Two servers that do it at once agree on
 * the higher one. For any thread.
 */
final class Compaction {

    private final Calls calls;
    private final Keyspace keys;
    private final Heads heads;

    Compaction(Calls calls, Keyspace keys, Heads heads) {
        this.calls = calls;
        this.keys = keys;
        this.heads = heads;
    }

    /** To a revision above the floor, at most the head; completes with the floor there is then. */
    CompletableFuture<Long> compact(long revision) {
        return writeDown(revision, 0)
                .thenCompose(floor -> floor > revision ? CompletableFuture.completedFuture(floor) : tell(revision))
                .whenComplete((floor, failure) -> {
                    if (failure == null) {
                        heads.compacted(floor);
                    }
                })
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Troubles.asStoreException("the history in etcd was not compacted", failure)));
    }

    /** Moves the floor alone: etcd keeps what is below it until the next compaction, which others may need. */
    CompletableFuture<Long> raiseFloor(long revision) {
        return writeDown(revision, 0);
    }

    /** Completes with what stands there then: this revision or a higher one. */
    private CompletableFuture<Long> writeDown(long revision, long expected) {
        RequestOp get = RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(keys.compacted))
                .build();
        TxnRequest request = TxnRequest.newBuilder()
                .addCompare(Txns.unchanged(keys.compacted, expected))
                .addSuccess(Txns.put(keys.compacted, ByteString.copyFromUtf8(Long.toString(revision)), 0))
                .addFailure(get)
                .build();
        return calls.untilAnswered(KVGrpc.getTxnMethod(), request).thenCompose(response -> {
            if (response.getSucceeded()) {
                return CompletableFuture.completedFuture(revision);
            }
            KeyValue found = Txns.first(response.getResponses(0).getResponseRange());
            long floor = found == null ? 0 : Opening.floor(found);
            return floor >= revision
                    ? CompletableFuture.completedFuture(floor)
                    : writeDown(revision, found == null ? 0 : found.getModRevision());
        });
    }

    private CompletableFuture<Long> tell(long revision) {
        CompactionRequest request =
                CompactionRequest.newBuilder().setRevision(revision).build();
        return calls.untilAnswered(KVGrpc.getCompactMethod(), request).handle((response, failure) -> {
            // Out of range: it is compacted to there or above already.
            if (failure != null && Troubles.status(failure).getCode() != Status.Code.OUT_OF_RANGE) {
                throw Troubles.asStoreException("the history in etcd was not compacted", failure);
            }
            return revision;
        });
    }
}
