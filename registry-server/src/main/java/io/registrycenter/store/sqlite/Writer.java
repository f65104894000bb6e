package io.registrycenter.store.sqlite;

import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.Commit;
import io.registrycenter.store.CommitJoiner;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one writer: takes what waits, checks guards one transaction after the other, writes one row, forces it, and only then
 * shows it to anyone.
 *
 * <p>A batch that meets a {@link DiskFault} is written again, the same row, for as long as {@link WriteRetry} says. When that does
 * not help, it is refused as a whole, the records are as before it, and no commit is taken until a write succeeds; see
 * {@link Obstruction}.
 *
 * <p>{@link #run} and all fields are confined to the writer thread; {@link #writes} may be read by any.
 */
final class Writer implements Runnable {

    private final WritableDatabase database;
    private final CommitQueue queue;
    private final Tail tail;
    private final Obstruction obstruction;
    private final WriteRetry retry;
    private final Executor answers;
    private final Records records;
    private final CommitJoiner joiner = new CommitJoiner();
    private final AtomicLong writes = new AtomicLong();
    private long head;

    /**
     * Takes over a database and the records in it.
     *
     * @param answers completes futures, in order, away from the writer
     */
    Writer(
            WritableDatabase database,
            Recovery.Found found,
            CommitQueue queue,
            Tail tail,
            Obstruction obstruction,
            WriteRetry retry,
            Executor answers) {
        this.database = database;
        this.queue = queue;
        this.tail = tail;
        this.obstruction = obstruction;
        this.retry = retry;
        this.answers = answers;
        this.records = new Records(found.records());
        this.head = found.head();
    }

    /** Rows written and forced since the start, each with the commits of one batch. */
    long writes() {
        return writes.get();
    }

    /** Works until the queue is closed and empty. */
    @Override
    public void run() {
        try {
            for (CommitQueue.Work work = queue.take(); work != null; work = queue.take()) {
                carryOut(work.batch(), work.fold());
                if (queue.state() == CommitQueue.State.OBSTRUCTED) {
                    obstruction.waitForTheEnd();
                }
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but a JVM that is going away.
            Thread.currentThread().interrupt();
        }
    }

    private void carryOut(List<CommitQueue.Pending> batch, @Nullable FoldSlice slice) throws InterruptedException {
        if (!batch.isEmpty()) {
            attempt(() -> commit(batch), reason -> refuse(batch, reason));
        }
        if (slice != null) {
            attempt(() -> fold(slice), reason -> refuse(slice, reason));
        }
    }

    private void attempt(Step step, Consumer<StoreException> refusal) throws InterruptedException {
        StoreException refused = queue.refusal();
        if (refused == null || queue.state() == CommitQueue.State.CLOSING) {
            try {
                step.run();
                return;
            } catch (SQLException | IOException | RuntimeException | Error e) {
                OutOfMemory.endIfCause(e);
                refused = obstruction.met(e);
            }
        }
        refusal.accept(refused);
    }

    private void commit(List<CommitQueue.Pending> batch) throws SQLException, IOException, InterruptedException {
        List<Settled> settled = new ArrayList<>(batch.size());
        List<Commit> commits = new ArrayList<>(batch.size());
        for (CommitQueue.Pending pending : batch) {
            settled.add(settle(pending, commits));
        }
        if (!commits.isEmpty()) {
            long last = head + commits.size();
            LogRow row = new LogRow(head + 1, last, joiner.take());
            boolean written = false;
            try {
                retry.run(() -> database.append(row));
                written = true;
            } finally {
                if (!written) {
                    records.revert();
                }
            }
            records.keep();
            head = last;
            writes.incrementAndGet();
            tail.add(commits, row.commits().length);
        }
        answers.execute(() -> answer(batch, settled));
    }

    /** Checks one transaction against the records as the batch has them so far; what holds is applied and added. */
    private Settled settle(CommitQueue.Pending pending, List<Commit> commits) {
        Transaction transaction = pending.transaction();
        byte[] encoded = pending.mutations();
        try {
            if (!pending.judgement().wanted()) {
                return new Settled(null, StoreException.unwanted());
            }
        } catch (RuntimeException e) {
            return new Settled(null, e);
        }
        if (!hold(transaction.guards())) {
            Map<RecordKey, @Nullable StoredRecord> current = current(transaction.guards());
            try {
                transaction = pending.judgement().again(current);
                if (transaction == null || !hold(transaction.guards())) {
                    // Nobody else writes the records here: asked once more, it would say the same.
                    return new Settled(new Outcome.Conflict(current), null);
                }
                encoded = RecordCodec.encodeMutations(transaction.mutations());
            } catch (RuntimeException e) {
                return new Settled(null, e);
            }
        }
        if (!transaction.mutations().isEmpty()) {
            Commit commit = new Commit(head + commits.size() + 1, transaction.mutations());
            records.apply(commit);
            joiner.add(commit.revision(), encoded);
            commits.add(commit);
        }
        return new Settled(new Outcome.Committed(head + commits.size()), null);
    }

    /** What its caller is told once the batch is durable: an outcome, or what its judgement threw. */
    private record Settled(
            @Nullable Outcome outcome, @Nullable RuntimeException failure) {
        void tell(CompletableFuture<Outcome> answer) {
            if (outcome != null) {
                answer.complete(outcome);
            } else if (failure != null) {
                answer.completeExceptionally(failure);
            }
        }
    }

    private void fold(FoldSlice slice) throws SQLException, IOException, InterruptedException {
        retry.run(() -> database.fold(slice));
        answers.execute(() -> slice.done().complete(slice.floor()));
    }

    private void answer(List<CommitQueue.Pending> batch, List<Settled> settled) {
        queue.answered(batch);
        for (int i = 0; i < batch.size(); i++) {
            settled.get(i).tell(batch.get(i).answer());
        }
    }

    private void refuse(List<CommitQueue.Pending> batch, StoreException reason) {
        answers.execute(() -> {
            queue.answered(batch);
            for (CommitQueue.Pending pending : batch) {
                pending.answer().completeExceptionally(reason);
            }
        });
    }

    private void refuse(FoldSlice slice, StoreException reason) {
        answers.execute(() -> slice.done().completeExceptionally(reason));
    }

    private boolean hold(List<Guard> guards) {
        for (Guard guard : guards) {
            StoredRecord record = records.get(guard.key());
            if ((record == null ? 0 : record.revision()) != guard.revision()) {
                return false;
            }
        }
        return true;
    }

    private Map<RecordKey, @Nullable StoredRecord> current(List<Guard> guards) {
        Map<RecordKey, @Nullable StoredRecord> current = new LinkedHashMap<>();
        for (Guard guard : guards) {
            current.put(guard.key(), records.get(guard.key()));
        }
        return current;
    }

    private interface Step {
        void run() throws SQLException, IOException, InterruptedException;
    }
}
