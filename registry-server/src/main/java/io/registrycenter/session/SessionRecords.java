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
import io.registrycenter.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Makes this server the owner of a session, durably. Any thread, and none is blocked; the futures complete on a thread of the
 * store, with a {@link Refusal} when the client gets no session.
 */
final class SessionRecords {

    private final String node;
    private final Store store;
    private final Adoptions adoptions;
    private final Supplier<String> newIds;

    /** @param node who this server process is, another one after each start */
    SessionRecords(String node, Store store, Adoptions adoptions, Supplier<String> newIds) {
        this.node = node;
        this.store = store;
        this.adoptions = adoptions;
        this.newIds = newIds;
    }

    /** A new session, as one guarded put. */
    CompletableFuture<Held> open(Duration ttl, ClientInfo client) {
        String id = newIds.get();
        RecordKey key = new RecordKey.OfSession(id);
        SessionRecord record = new SessionRecord(node, 1, "", ttl.toMillis(), client, null);
        CompletableFuture<Held> opened = new CompletableFuture<>();
        var unused = store.commit(new Transaction(List.of(Guard.absent(key)), List.of(new Mutation(key, record))))
                .whenComplete((outcome, failure) -> {
                    switch (outcome) {
                        case null -> opened.completeExceptionally(StoreTrouble.asRefusal(failure));
                        case Outcome.Committed committed -> opened.complete(Held.of(id, committed.revision(), record));
                        case Outcome.Conflict conflict ->
                            opened.completeExceptionally(new Refusal.Unavailable(
                                    CloseCause.SERVER_FAULT, "a new session id was taken; try again", Duration.ZERO));
                    }
                });
        return opened;
    }

    /**
     * Takes a session over, as one guarded write, from whichever server had it: {@code SessionUnknown} when there is none (any more), {@code Fenced} when
     * it was adopted by somebody else since.
     */
    CompletableFuture<Held> resume(String sessionId, long fence, String attempt, ClientInfo client) {
        return adoptions.adopt(new AdoptCall(node, sessionId, fence, attempt, client));
    }
}
