package io.registrycenter.store.etcd;

import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One commit on its way: one round trip where nothing comes in between.
 *
 * <p>Its first try may go with others ({@link Groups}), every other goes by itself.
 *
 * <pre>
 * SENT --guards held------------------------------------> committed
 *   |---guards did not hold--> judged again --> SENT (another transaction), or conflict
 *   `---no answer------------> DOUBTFUL --the same again--> guards held: committed (now)
 *                                 `--guards did not hold: is it we who wrote? committed (then) : judged again
 * </pre>
 *
 * A transaction that breaks its own guard happens once, however often it is sent; so the second try is also the look at what
 * became of the first. One that has no such guard is not tried again: its caller learns that nobody knows.
 *
 * <p>Moves on one thread at a time, from the answer of one request to the next; at first its caller's, or that of whoever
 * sends a group.
 */
final class CommitCall implements Groups.Member {

    private final Committer committer;
    private final Judgement judgement;
    private final CompletableFuture<Outcome> answer;
    private final long deadline;
    private final Backoff backoff = Backoff.ofCall();

    private Transaction transaction;
    private String transactionId;
    private TxnRequest request;
    private int judgements;
    private boolean doubtful;
    private long headWhenSent;

    CommitCall(
            Committer committer,
            Transaction transaction,
            String transactionId,
            TxnRequest request,
            Judgement judgement,
            CompletableFuture<Outcome> answer) {
        this.committer = committer;
        this.transaction = transaction;
        this.transactionId = transactionId;
        this.request = request;
        this.judgement = judgement;
        this.answer = answer;
        this.deadline = committer.calls().deadline();
    }

    /** Its turn has come: it goes with others, when it may be sent again by itself and others wait for what it writes. */
    void start() {
        if (happensOnce() && Txns.guardsAllItWrites(transaction)) {
            committer.groups().add(this);
        } else if (goes()) {
            send();
        }
    }

    @Override
    public TxnRequest request() {
        return request;
    }

    @Override
    public long deadline() {
        return deadline;
    }

    @Override
    public boolean goes() {
        if (committer.calls().late(deadline)) {
            answer.completeExceptionally(new StoreException(
                    StoreException.Kind.OVERLOADED,
                    "the commit waited too long for others of this server; nothing was changed"));
            return false;
        }
        try {
            if (judgement.wanted()) {
                headWhenSent = committer.heads().head();
                return true;
            }
            answer.completeExceptionally(StoreException.unwanted());
        } catch (RuntimeException | Error fault) {
            OutOfMemory.endIfCause(fault);
            answer.completeExceptionally(fault);
        }
        return false;
    }

    /** By itself. */
    private void send() {
        headWhenSent = committer.heads().head();
        var unused = committer
                .calls()
                .once(KVGrpc.getTxnMethod(), request, deadline, !happensOnce())
                .whenComplete((response, failure) -> {
                    if (failure == null) {
                        answered(response, response.getHeader().getRevision());
                    } else {
                        failed(failure, false);
                    }
                });
    }

    @Override
    public void answered(TxnResponse response, long revision) {
        try {
            if (response.getSucceeded()) {
                if (revision <= headWhenSent && !transaction.mutations().isEmpty()) {
                    committer.historyLost(LostHistory.because(
                            "a commit got revision " + revision + ", which was not above " + headWhenSent));
                }
                committed(revision);
            } else if (doubtful) {
                lookFor(response);
            } else {
                conflict(response);
            }
        } catch (RuntimeException | Error fault) {
            OutOfMemory.endIfCause(fault);
            // Of the judgement, or bytes that are no record: this commit's alone.
            answer.completeExceptionally(fault);
        }
    }

    /** It was sent before, and its guards do not hold: perhaps since it was carried out then. */
    private void lookFor(TxnResponse response) {
        int witness = Txns.witness(transaction);
        long guarded = transaction.guards().get(witness).revision();
        KeyValue newest = Txns.first(response.getResponses(witness).getResponseRange());
        var unused = committer
                .archaeology()
                .writtenBy(transactionId, newest, guarded)
                .whenComplete((revision, failure) -> {
                    try {
                        if (failure != null) {
                            answer.completeExceptionally(nobodyKnows(failure));
                        } else if (revision > 0) {
                            committed(revision);
                        } else {
                            conflict(response);
                        }
                    } catch (RuntimeException | Error fault) {
                        OutOfMemory.endIfCause(fault);
                        answer.completeExceptionally(fault);
                    }
                });
    }

    private void committed(long revision) {
        if (transaction.mutations().isEmpty()) {
            // etcd counts revisions that are none of ours; what is promised is one at which nothing was missing.
            long confirmed = headWhenSent;
            for (Guard guard : transaction.guards()) {
                confirmed = Math.max(confirmed, guard.revision());
            }
            answer.complete(new Outcome.Committed(confirmed));
        } else {
            committer.heads().committed(revision, request.getSerializedSize());
            answer.complete(new Outcome.Committed(revision));
        }
    }

    private void conflict(TxnResponse response) {
        Map<RecordKey, @Nullable StoredRecord> current = Txns.current(transaction, response);
        Transaction next = judgements < Store.MAX_JUDGEMENTS ? judgement.again(current) : null;
        if (next == null) {
            answer.complete(new Outcome.Conflict(current));
            return;
        }
        judgements++;
        doubtful = false;
        transaction = next;
        transactionId = committer.nextTransactionId();
        request = Txns.request(committer.keys(), next, transactionId);
        send();
    }

    @Override
    public void failed(Throwable failure, boolean together) {
        Troubles.Meaning meaning = Troubles.of(Troubles.status(failure));
        boolean refused = meaning == Troubles.Meaning.REFUSED && !together;
        boolean open = meaning == Troubles.Meaning.UNKNOWN;
        boolean again =
                (!open || happensOnce()) && !refused && !committer.calls().late(deadline);
        doubtful |= open && !transaction.mutations().isEmpty();
        if (again && committer.calls().later(this::send, backoff.next())) {
            // The next try answers, or fails in turn.
            return;
        } else if (doubtful) {
            answer.completeExceptionally(nobodyKnows(failure));
        } else {
            answer.completeExceptionally(Troubles.asStoreException("the commit was refused", failure));
        }
    }

    private boolean happensOnce() {
        return transaction.mutations().isEmpty() || Txns.witness(transaction) >= 0;
    }

    private static StoreException nobodyKnows(Throwable failure) {
        return Troubles.asStoreException("it is not known whether the commit was carried out", failure);
    }
}
