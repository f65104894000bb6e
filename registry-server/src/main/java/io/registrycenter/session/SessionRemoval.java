package io.registrycenter.session;

import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.PastCalls;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.View;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Takes a session and its instances out of the store.
 *
 * <ol>
 *   <li>One commit marks the record closing and removes the instances (the first {@value #BATCH} of them): from here on no
 *       resume and no register is accepted, on any server, and a server that starts in the middle goes on from the mark,
 *       for the reason that is marked.
 *   <li>When the view has that commit it knows every instance the session ever registered; those that are left are removed
 *       in batches. Usually there are none. Without this step a register that was committed just before would stay for ever.
 *   <li>The record is deleted.
 * </ol>
 *
 * Each instance is guarded by its own revision: one that changed hands is skipped. The record is guarded too, and must still
 * be the one that the decision was made with: else another link or server has adopted the session, and it stays. What a dead
 * server left behind is marked only while that server is absent.
 *
 * <p>One try; {@link #start} once. Runs on the executor and the store's threads, never on two at once.
 */
final class SessionRemoval {

    static final int BATCH = 100;
    private static final int MAX_CONFLICTS = 64;

    /** How long the view may take to follow before the try is given up. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    /** What became of the session. */
    enum Result {
        /** It is gone, by this removal. */
        REMOVED,
        /** It was gone already. */
        GONE,
        /** It lives on, with a newer record. */
        ADOPTED,
        /** The server that was gone is back. */
        OWNER_BACK
    }

    private final Store store;
    private final View view;
    private final Executor executor;
    private final String sessionId;
    private final RecordKey.OfSession sessionKey;
    private final long revision;
    private final RemovalReason reason;
    private final RecordKey.@Nullable OfNode orphanOf;
    private final long createdNanos;
    private final CompletableFuture<Result> result = new CompletableFuture<>();

    private @Nullable StoredRecord session;
    private final ArrayDeque<InstanceKey> left = new ArrayDeque<>();
    private boolean complete;
    private int conflicts;
    private volatile @Nullable CompletableFuture<Void> waiting;

    /**
     * @param revision of the record the decision was made with
     * @param orphanOf the server that left the session behind; null: it is this server's own
     * @param createdNanos now
     */
    SessionRemoval(
            Store store,
            View view,
            Executor executor,
            String sessionId,
            long revision,
            RemovalReason reason,
            RecordKey.@Nullable OfNode orphanOf,
            long createdNanos) {
        this.store = store;
        this.view = view;
        this.executor = executor;
        this.sessionId = sessionId;
        this.revision = revision;
        this.reason = reason;
        this.orphanOf = orphanOf;
        this.createdNanos = createdNanos;
        sessionKey = new RecordKey.OfSession(sessionId);
    }

    /** Completes exceptionally with a {@link StoreException} when the store cannot now; a new try goes on where this ended. */
    CompletableFuture<Result> start() {
        goOn(() -> {
            session = view.record(sessionKey);
            left.addAll(view.instancesOf(sessionId));
            next();
        });
        return result;
    }

    /** Ends a try that waits for the view too long; the future fails. Any thread. */
    void giveUpIfStuck(long nowNanos) {
        CompletableFuture<Void> wait = waiting;
        if (wait != null && nowNanos - createdNanos > PATIENCE_NANOS) {
            wait.completeExceptionally(new StoreException(
                    StoreException.Kind.UNAVAILABLE, "the view did not follow the store while a session was removed"));
        }
    }

    private void next() {
        SessionRecord record = record();
        if (record == null) {
            commit(List.of(), List.of(), Map.of());
        } else if (!record.closing() && newer()) {
            result.complete(Result.ADOPTED);
        } else if (!record.closing()) {
            removeBatch(batch());
        } else if (!complete) {
            awaitView();
        } else if (!left.isEmpty()) {
            removeBatch(batch());
        } else {
            commit(List.of(), List.of(new Mutation(sessionKey, null)), Map.of());
        }
    }

    private Map<InstanceKey, StoredRecord> batch() {
        Map<InstanceKey, StoredRecord> batch = new LinkedHashMap<>();
        while (!left.isEmpty() && batch.size() < BATCH) {
            InstanceKey key = left.remove();
            StoredRecord held = view.record(new RecordKey.OfInstance(key));
            if (ours(held)) {
                batch.put(key, held);
            }
        }
        return batch;
    }

    /** Removes these, and marks the record closing if it is not. */
    private void removeBatch(Map<InstanceKey, StoredRecord> batch) {
        List<Guard> guards = new ArrayList<>(batch.size());
        List<Mutation> mutations = new ArrayList<>(batch.size() + 1);
        SessionRecord record = record();
        RemovalReason marked = record == null ? null : record.closingFor();
        if (record != null && marked == null) {
            mutations.add(new Mutation(
                    sessionKey,
                    new SessionRecord(
                            record.owner(),
                            record.fence(),
                            record.attempt(),
                            record.ttlMs(),
                            record.client(),
                            reason)));
        }
        for (StoredRecord held : batch.values()) {
            guards.add(new Guard(held.key(), held.revision()));
            mutations.add(new Mutation(
                    held.key(), new Tombstone(marked == null ? reason : marked, sessionId, "", PastCalls.after(held))));
        }
        if (mutations.isEmpty()) {
            next();
        } else {
            commit(guards, mutations, batch);
        }
    }

    private void commit(List<Guard> instances, List<Mutation> mutations, Map<InstanceKey, StoredRecord> batch) {
        List<Guard> guards = new ArrayList<>(instances.size() + 2);
        guards.add(new Guard(sessionKey, session == null ? 0 : session.revision()));
        SessionRecord record = record();
        if (orphanOf != null && record != null && !record.closing()) {
            guards.add(Guard.absent(orphanOf));
        }
        guards.addAll(instances);
        var unused = store.commit(new Transaction(guards, mutations))
                .whenComplete((outcome, failure) -> goOn(() -> {
                    switch (outcome) {
                        case null -> result.completeExceptionally(failure);
                        case Outcome.Committed committed -> committed(committed.revision(), mutations);
                        case Outcome.Conflict conflict -> conflict(conflict.current(), batch);
                    }
                }));
    }

    /** A fault ends the try: one that never ended would keep the session for ever. */
    private void goOn(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error fault) {
            OutOfMemory.endIfCause(fault);
            result.completeExceptionally(fault);
        }
    }

    private void committed(long revision, List<Mutation> mutations) {
        if (mutations.isEmpty()) {
            // The record was guarded as absent.
            result.complete(Result.GONE);
            return;
        }
        Mutation first = mutations.get(0);
        if (!first.key().equals(sessionKey)) {
            next();
        } else if (first.value() == null) {
            result.complete(Result.REMOVED);
        } else {
            session = new StoredRecord(sessionKey, revision, first.value());
            next();
        }
    }

    private void conflict(Map<RecordKey, @Nullable StoredRecord> current, Map<InstanceKey, StoredRecord> batch) {
        if (++conflicts > MAX_CONFLICTS) {
            result.completeExceptionally(new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "a session's records were changed by others " + MAX_CONFLICTS + " times in a row"));
            return;
        }
        session = current.get(sessionKey);
        SessionRecord record = record();
        if (record == null) {
            result.complete(Result.GONE);
        } else if (orphanOf != null && !record.closing() && current.get(orphanOf) != null) {
            result.complete(Result.OWNER_BACK);
        } else if (batch.isEmpty() || record.closing() != complete || (!record.closing() && newer())) {
            next();
        } else {
            Map<InstanceKey, StoredRecord> still = new LinkedHashMap<>();
            batch.forEach((key, held) -> {
                StoredRecord now = current.get(held.key());
                if (ours(now)) {
                    still.put(key, now);
                }
            });
            removeBatch(still);
        }
    }

    private void awaitView() {
        long revision = session == null ? 0 : session.revision();
        CompletableFuture<Void> reached = view.reached(revision);
        waiting = reached;
        var unused = reached.whenCompleteAsync(
                (done, failure) -> {
                    waiting = null;
                    if (failure != null) {
                        result.completeExceptionally(failure);
                        return;
                    }
                    goOn(this::viewReached);
                },
                executor);
    }

    private void viewReached() {
        complete = true;
        left.clear();
        left.addAll(view.instancesOf(sessionId));
        next();
    }

    private boolean ours(@Nullable StoredRecord record) {
        return record != null
                && record.value() instanceof InstanceRecord held
                && held.sessionId().equals(sessionId);
    }

    /** Written since the decision: not by this removal, for then it is closing. */
    private boolean newer() {
        return session != null && session.revision() > revision;
    }

    private @Nullable SessionRecord record() {
        return session != null && session.value() instanceof SessionRecord record ? record : null;
    }
}
