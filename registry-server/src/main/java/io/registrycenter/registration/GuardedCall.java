package io.registrycenter.registration;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.PastCall;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreTrouble;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.Standstill;
import io.registrycenter.view.View;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call about one instance, as one guarded transaction.
 *
 * <p>The call is judged by its session's record and its instance's record, first as the view has them, and the transaction
 * guards both. When they were something else by then, the store hands out what they are, and the call is judged again, in
 * its place among all commits: any number of callers may change one instance. But nothing is written for a caller who has gone,
 * or whose deadline has passed, or who may have, since this server stood still: it may have repeated the call elsewhere, and have
 * made others since, which a late one would undo. That is asked each time after the records were looked up: against what comes to
 * pass later the guards stand. Also an answer that writes nothing, and every refusal, is given only after the store has confirmed
 * the records it rests on: a view may be behind.
 *
 * <p>Runs on the caller's thread up to the store's queue, then on the store's; never on two at once.
 */
abstract class GuardedCall<T> implements Judgement, BiConsumer<@Nullable Outcome, @Nullable Throwable> {

    /** What every call needs. */
    record Means(Store store, View view, Standstill standstill) {}

    final InstanceKey key;
    final String sessionId;
    final String requestId;
    private final RecordKey.OfSession sessionKey;
    private final RecordKey.OfInstance instanceKey;
    private final BooleanSupplier expired;
    private final Store store;
    private final View view;
    private final Standstill standstill;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    private @Nullable StoredRecord session;
    private @Nullable StoredRecord instance;
    private @Nullable Verdict<T> verdict;

    GuardedCall(Means means, InstanceKey key, String sessionId, String requestId, BooleanSupplier expired) {
        this.store = means.store();
        this.view = means.view();
        this.standstill = means.standstill();
        this.key = key;
        this.sessionId = sessionId;
        this.requestId = requestId;
        this.expired = expired;
        sessionKey = new RecordKey.OfSession(sessionId);
        instanceKey = new RecordKey.OfInstance(key);
    }

    /** What to do, given the instance's record (or tombstone); {@code sessionLives} when the session may still write. */
    abstract Verdict<T> judge(@Nullable StoredRecord current, boolean sessionLives);

    /** The answer once {@code written} is durable. */
    abstract T answer(RecordValue written, long revision);

    CompletableFuture<T> run() {
        if (view.freshness().stale()) {
            result.completeExceptionally(new Refusal.Unavailable(
                    CloseCause.SERVER_BEHIND,
                    "this server does not reach its store; another one may; nothing was changed",
                    StoreTrouble.RETRY_AFTER));
            return result;
        }
        session = view.record(sessionKey);
        instance = view.record(instanceKey);
        Transaction transaction = judged();
        if (wanted()) {
            var unused = store.commit(transaction, this).whenComplete(this);
        }
        return result;
    }

    @Override
    public boolean wanted() {
        if (standstill.lately()) {
            result.completeExceptionally(new Refusal.Unavailable(
                    CloseCause.SERVER_BEHIND,
                    "this server stood still a moment ago, and the call may have waited for longer than its caller;"
                            + " nothing was changed",
                    StoreTrouble.RETRY_AFTER));
            return false;
        }
        if (expired.getAsBoolean()) {
            result.completeExceptionally(new Refusal.Unavailable(
                    CloseCause.CLIENT_DEADLINE,
                    "the deadline passed before the call was committed; nothing was changed",
                    StoreTrouble.RETRY_AFTER));
            return false;
        }
        return true;
    }

    @Override
    public @Nullable Transaction again(Map<RecordKey, @Nullable StoredRecord> current) {
        if (!wanted()) {
            return null;
        }
        session = current.get(sessionKey);
        instance = current.get(instanceKey);
        return judged();
    }

    @Override
    public void accept(@Nullable Outcome outcome, @Nullable Throwable failure) {
        switch (outcome) {
            case null ->
                result.completeExceptionally(
                        failure == null ? new IllegalStateException("no outcome") : StoreTrouble.asRefusal(failure));
            case Outcome.Committed committed -> finish(committed.revision());
            case Outcome.Conflict conflict ->
                result.completeExceptionally(new Refusal.Unavailable(
                        CloseCause.SERVER_FAULT,
                        "instance " + key + " or its session was changed by others " + Store.MAX_JUDGEMENTS
                                + " times in a row; nothing was changed",
                        StoreTrouble.RETRY_AFTER));
        }
    }

    /** Judges by the records at hand: what to write, or nothing but the guards that confirm an answer or refusal. */
    private Transaction judged() {
        Verdict<T> now = judge(instance, sessionLives());
        verdict = now;
        List<Mutation> mutations = now instanceof Verdict.Write<T>(RecordValue value)
                ? List.of(new Mutation(instanceKey, value))
                : List.of();
        return new Transaction(
                List.of(
                        new Guard(sessionKey, session == null ? 0 : session.revision()),
                        new Guard(instanceKey, instance == null ? 0 : instance.revision())),
                mutations);
    }

    private void finish(long revision) {
        switch (verdict) {
            case Verdict.Write<T>(RecordValue value) -> result.complete(answer(value, revision));
            case Verdict.Answer<T>(T answer) -> result.complete(answer);
            case Verdict.Refuse<T>(Refusal refusal) -> result.completeExceptionally(refusal);
            case null -> throw new IllegalStateException("finished before it was judged");
        }
    }

    private boolean sessionLives() {
        return session != null && session.value() instanceof SessionRecord record && !record.closing();
    }

    /** Whether a record that carries these was written by an earlier try of this very call. */
    final boolean repeats(String writtenBySession, String writtenByRequest) {
        return !requestId.isEmpty() && requestId.equals(writtenByRequest) && sessionId.equals(writtenBySession);
    }

    /** This very call, when an earlier try of it took effect and the record was written by another one since; null: it did not. */
    final @Nullable PastCall past(@Nullable StoredRecord current) {
        return switch (current == null ? null : current.value()) {
            case InstanceRecord held -> held.past().find(sessionId, requestId);
            case Tombstone grave -> grave.past().find(sessionId, requestId);
            case null, default -> null;
        };
    }

    final <V> Verdict<V> otherPayload() {
        return new Verdict.Refuse<>(new Refusal.InvalidInput(
                "request_id", requestId, "be a new one: it was used for another call on instance " + key));
    }
}
