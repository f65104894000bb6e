package io.registrycenter.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreTrouble;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.View;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Commits resumes, many at a time when many come: the first go at once, and those that come while {@value #UNDER_WAY} commits
 * are on their way wait for one of them and then go together, at most {@value #TOGETHER} in a transaction. So a resume on an
 * idle server waits for nobody, and the sessions of a dead server cost a few writes instead of one each.
 *
 * <p>A transaction whose guards do not hold is judged again as a whole. One that loses again and again is taken apart, and
 * each of its resumes goes alone: one session that is fought over holds up no other.
 *
 * <p>Any thread, and none is blocked.
 */
final class Adoptions {

    static final int TOGETHER = 60;
    static final int UNDER_WAY = 8;
    static final int WAITING = 20_000;

    private final Store store;
    private final View view;
    private final Executor executor;
    private final AtomicLong adopted = new AtomicLong();

    @GuardedBy("this")
    private final ArrayDeque<AdoptCall> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private int underWay;

    /** @param executor where the next go when others have ended; queues, and never runs a task inside {@code execute} */
    Adoptions(Store store, View view, Executor executor) {
        this.store = store;
        this.view = view;
        this.executor = executor;
    }

    /** Resumes on one transaction. Never on two threads at once. */
    private final class Batch implements Judgement {
        private final List<AdoptCall> calls;

        Batch(List<AdoptCall> calls) {
            this.calls = calls;
        }

        void commit() {
            CompletableFuture<Outcome> outcome;
            try {
                for (AdoptCall call : calls) {
                    call.judge(view.record(call.key));
                }
                outcome = store.commit(transaction(), this);
            } catch (RuntimeException | Error fault) {
                outcome = CompletableFuture.failedFuture(fault);
            }
            var unused = outcome.whenComplete(this::ended);
        }

        @Override
        public Transaction again(Map<RecordKey, @Nullable StoredRecord> current) {
            for (AdoptCall call : calls) {
                call.judge(current.get(call.key));
            }
            return transaction();
        }

        private Transaction transaction() {
            List<Guard> guards = new ArrayList<>(calls.size());
            List<Mutation> mutations = new ArrayList<>(calls.size());
            for (AdoptCall call : calls) {
                guards.add(call.guard());
                Mutation mutation = call.mutation();
                if (mutation != null) {
                    mutations.add(mutation);
                }
            }
            return new Transaction(guards, mutations);
        }

        private void ended(@Nullable Outcome outcome, @Nullable Throwable failure) {
            try {
                settle(outcome, failure);
            } catch (RuntimeException | Error fault) {
                // Those that were answered before it keep their answer.
                fail(StoreTrouble.asRefusal(fault));
            } finally {
                done();
            }
        }

        private void settle(@Nullable Outcome outcome, @Nullable Throwable failure) {
            switch (outcome) {
                case null ->
                    fail(failure == null ? new IllegalStateException("no outcome") : StoreTrouble.asRefusal(failure));
                case Outcome.Committed committed -> calls.forEach(call -> committed(call, committed.revision()));
                case Outcome.Conflict conflict -> {
                    if (calls.size() > 1) {
                        takeApart(calls);
                    } else {
                        fail(new Refusal.Unavailable(
                                CloseCause.SERVER_FAULT,
                                "the session was changed by others " + Store.MAX_JUDGEMENTS + " times in a row",
                                StoreTrouble.RETRY_AFTER));
                    }
                }
            }
        }

        private void fail(Throwable refusal) {
            calls.forEach(call -> call.failed(refusal));
        }
    }

    CompletableFuture<Held> adopt(AdoptCall call) {
        if (!enqueued(call)) {
            call.failed(new Refusal.Unavailable(
                    CloseCause.SERVER_FAULT, WAITING + " resumes wait already", StoreTrouble.RETRY_AFTER));
        }
        start();
        return call.result();
    }

    /** Sessions taken over from other server processes. */
    long adopted() {
        return adopted.get();
    }

    private void committed(AdoptCall call, long revision) {
        if (call.committed(revision)) {
            adopted.incrementAndGet();
        }
    }

    private synchronized boolean enqueued(AdoptCall call) {
        return waiting.size() < WAITING && waiting.add(call);
    }

    private synchronized void takeApart(List<AdoptCall> calls) {
        for (AdoptCall call : calls.reversed()) {
            call.leaveAlone();
            waiting.addFirst(call);
        }
    }

    private void start() {
        Batch batch;
        synchronized (this) {
            if (underWay >= UNDER_WAY || waiting.isEmpty()) {
                return;
            }
            underWay++;
            batch = new Batch(next());
        }
        batch.commit();
    }

    private void done() {
        boolean more;
        synchronized (this) {
            underWay--;
            more = !waiting.isEmpty();
        }
        if (more) {
            // On the executor: a chain of commits that fail at once must not grow the stack.
            executor.execute(this::start);
        }
    }

    /** One that goes alone, or the oldest, each of another session: a transaction writes a record once. */
    @GuardedBy("this")
    private List<AdoptCall> next() {
        List<AdoptCall> batch = new ArrayList<>();
        Set<RecordKey> sessions = new HashSet<>();
        Iterator<AdoptCall> calls = waiting.iterator();
        while (calls.hasNext() && batch.size() < TOGETHER) {
            AdoptCall call = calls.next();
            if (call.alone() && !batch.isEmpty()) {
                break;
            }
            if (sessions.add(call.key)) {
                calls.remove();
                batch.add(call);
            }
            if (call.alone()) {
                break;
            }
        }
        return batch;
    }
}
