package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreTrouble;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.View;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One resume as one guarded write of the session's record: new owner, fence plus one, the attempt stored.
 *
 * <p>Accepted when the fence is current, or when the record already stores this attempt: then an earlier answer was lost. If
 * this server wrote it, there is nothing left to write. No answer rests on the view alone, which may be behind: what is not
 * written is confirmed by a transaction of guards only.
 *
 * <p>Runs on the caller's thread up to the store's queue, then on the store's; never on two at once.
 */
final class AdoptCall implements BiConsumer<@Nullable Outcome, @Nullable Throwable> {

    private static final int MAX_TRIES = 16;

    private final String node;
    private final Store store;
    private final String sessionId;
    private final RecordKey.OfSession key;
    private final long fence;
    private final String attempt;
    private final ClientInfo client;
    private final CompletableFuture<Held> result = new CompletableFuture<>();

    private @Nullable StoredRecord current;
    private @Nullable SessionRecord pending;
    private int tries;

    AdoptCall(String node, Store store, String sessionId, long fence, String attempt, ClientInfo client) {
        this.node = node;
        this.store = store;
        this.sessionId = sessionId;
        this.fence = fence;
        this.attempt = attempt;
        this.client = client;
        key = new RecordKey.OfSession(sessionId);
    }

    CompletableFuture<Held> run(View view) {
        current = view.record(key);
        attempt(false);
        return result;
    }

    @Override
    public void accept(@Nullable Outcome outcome, @Nullable Throwable failure) {
        switch (outcome) {
            case null ->
                result.completeExceptionally(
                        failure == null ? new IllegalStateException("no outcome") : StoreTrouble.asRefusal(failure));
            case Outcome.Committed committed -> {
                if (pending == null) {
                    answer();
                } else {
                    result.complete(Held.of(sessionId, pending));
                }
            }
            case Outcome.Conflict conflict -> {
                current = conflict.current().get(key);
                attempt(true);
            }
        }
    }

    private void attempt(boolean confirmed) {
        pending = adoption();
        if (pending == null && confirmed) {
            answer();
            return;
        }
        if (++tries > MAX_TRIES) {
            result.completeExceptionally(new Refusal.Unavailable(
                    CloseCause.SERVER_FAULT,
                    "the session was changed by others " + MAX_TRIES + " times in a row",
                    StoreTrouble.RETRY_AFTER));
            return;
        }
        var unused = store.commit(new Transaction(
                        List.of(new Guard(key, current == null ? 0 : current.revision())),
                        pending == null ? List.of() : List.of(new Mutation(key, pending))))
                .whenComplete(this);
    }

    /** What the record becomes; null when there is nothing to write: {@link #answer} says why. */
    private @Nullable SessionRecord adoption() {
        SessionRecord record = record();
        if (record == null || record.closing()) {
            return null;
        }
        boolean repeated = attempt.equals(record.attempt());
        if (repeated ? record.owner().equals(node) : record.fence() != fence) {
            return null;
        }
        return new SessionRecord(node, record.fence() + 1, attempt, record.ttlMs(), client, null);
    }

    /** The answer when nothing is written. */
    private void answer() {
        SessionRecord record = record();
        if (record == null || record.closing()) {
            result.completeExceptionally(new Refusal.SessionUnknown());
        } else if (attempt.equals(record.attempt())) {
            result.complete(Held.of(sessionId, record));
        } else {
            result.completeExceptionally(new Refusal.Fenced(fence, record.fence()));
        }
    }

    private @Nullable SessionRecord record() {
        return current != null && current.value() instanceof SessionRecord record ? record : null;
    }
}
