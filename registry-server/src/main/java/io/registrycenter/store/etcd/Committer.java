package io.registrycenter.store.etcd;

import io.registrycenter.store.Judgement;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.wire.TxnRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Takes commits, encodes them on the caller's thread, and sends them in {@link CommitOrder}. For any thread. */
final class Committer {

    private final Calls calls;
    private final Keyspace keys;
    private final Heads heads;
    private final Archaeology archaeology;
    private final CommitOrder order;
    private final Groups groups;

    /** New with each start, so that no transaction is taken for one of an earlier process. */
    private final String mark;

    private final Consumer<StoreException> onHistoryLost;
    private final AtomicLong transactions = new AtomicLong();

    /**
     * @param waitingBytes encoded bytes of commits that may wait or be under way; more are {@code OVERLOADED}
     * @param onHistoryLost told when a commit proves that etcd no longer has what it had
     */
    Committer(
            Calls calls,
            Keyspace keys,
            Heads heads,
            String mark,
            long waitingBytes,
            Consumer<StoreException> onHistoryLost) {
        this.calls = calls;
        this.keys = keys;
        this.heads = heads;
        this.archaeology = new Archaeology(calls);
        this.groups = new Groups(calls);
        this.mark = mark;
        this.order = new CommitOrder(waitingBytes);
        this.onHistoryLost = onHistoryLost;
    }

    CompletableFuture<Outcome> commit(Transaction transaction, Judgement judgement) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        String id = nextTransactionId();
        TxnRequest request = Txns.request(keys, transaction, id);
        CommitCall call = new CommitCall(this, transaction, id, request, judgement, answer);
        try {
            order.enter(transaction, request.getSerializedSize(), turn -> {
                // First of all that waits for the answer, so run last: whoever sees the store empty sees every answer.
                var unused = answer.whenComplete((outcome, failure) -> order.leave(turn));
                call.start();
            });
        } catch (StoreException refused) {
            answer.completeExceptionally(refused);
        }
        return answer;
    }

    void historyLost(StoreException reason) {
        onHistoryLost.accept(reason);
    }

    String nextTransactionId() {
        return mark + "-" + Long.toString(transactions.incrementAndGet(), Character.MAX_RADIX);
    }

    Calls calls() {
        return calls;
    }

    Keyspace keys() {
        return keys;
    }

    Heads heads() {
        return heads;
    }

    Archaeology archaeology() {
        return archaeology;
    }

    Groups groups() {
        return groups;
    }

    CommitOrder order() {
        return order;
    }
}
