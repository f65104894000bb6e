package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.StoredRecord;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One resume as one guarded write of the session's record: new owner, fence plus one, the attempt stored.
 *
 * <p>Accepted when the fence is current, or when the record already stores this attempt: then an earlier answer was lost. If
 * this server wrote it, there is nothing left to write; if another one did, the session moves and keeps its fence. For that
 * other one may have been asked after this one, and have answered: a request that a frozen server finds in its buffers must
 * not fence the client that has moved on. No answer rests on the view alone, which may be behind: what is not
 * written is confirmed by the guard.
 *
 * <p>Committed by {@link Adoptions}, together with others. Never on two threads at once.
 */
final class AdoptCall {

    /** Adoptions that an older copy of the store may be behind. */
    private static final long MOST_AHEAD = 1L << 32;

    final RecordKey.OfSession key;
    private final String node;
    private final String sessionId;
    private final long fence;
    private final String attempt;
    private final ClientInfo client;
    private final CompletableFuture<Held> result = new CompletableFuture<>();

    /** Not to be committed together with others any more. */
    private boolean alone;

    private @Nullable StoredRecord current;
    private @Nullable SessionRecord pending;

    AdoptCall(String node, String sessionId, long fence, String attempt, ClientInfo client) {
        this.node = node;
        this.sessionId = sessionId;
        this.fence = fence;
        this.attempt = attempt;
        this.client = client;
        key = new RecordKey.OfSession(sessionId);
    }

    /** Fails with a {@link Refusal}. */
    CompletableFuture<Held> result() {
        return result;
    }

    boolean alone() {
        return alone;
    }

    void leaveAlone() {
        alone = true;
    }

    /** Decides by the record as it is said to be; what is decided holds if {@link #guard} does. */
    void judge(@Nullable StoredRecord record) {
        current = record;
        pending = adoption();
    }

    Guard guard() {
        return new Guard(key, current == null ? 0 : current.revision());
    }

    /** Null: there is nothing to write. */
    @Nullable
    Mutation mutation() {
        return pending == null ? null : new Mutation(key, pending);
    }

    /** The guard held, and what was to be written is durable. True when the session was another server process's before. */
    boolean committed(long revision) {
        if (pending == null) {
            answer();
            return false;
        }
        SessionRecord before = record();
        boolean adopted = before != null && !before.owner().equals(node);
        result.complete(Held.of(sessionId, revision, pending));
        return adopted;
    }

    void failed(Throwable refusal) {
        result.completeExceptionally(refusal);
    }

    /** What the record becomes; null when there is nothing to write: {@link #answer} says why. */
    private @Nullable SessionRecord adoption() {
        SessionRecord record = record();
        if (record == null || record.closing()) {
            return null;
        }
        boolean repeated = attempt.equals(record.attempt());
        if (repeated ? record.owner().equals(node) : !holds(record.fence())) {
            return null;
        }
        long next = Math.max(record.fence(), fence) + 1;
        return new SessionRecord(node, repeated ? record.fence() : next, attempt, record.ttlMs(), client, null);
    }

    /**
     * Whether the client's fence is the record's, or newer: then an older copy of the store was put back, and whoever holds the
     * newest fence holds the session. In a store that was not put back no fence is newer than its record.
     */
    private boolean holds(long recorded) {
        return fence >= recorded && fence - recorded <= MOST_AHEAD;
    }

    /** The answer when nothing is written. */
    private void answer() {
        StoredRecord stored = current;
        SessionRecord record = record();
        if (stored == null || record == null || record.closing()) {
            result.completeExceptionally(new Refusal.SessionUnknown());
        } else if (attempt.equals(record.attempt())) {
            result.complete(Held.of(sessionId, stored.revision(), record));
        } else {
            result.completeExceptionally(new Refusal.Fenced(fence, record.fence()));
        }
    }

    private @Nullable SessionRecord record() {
        return current != null && current.value() instanceof SessionRecord record ? record : null;
    }
}
