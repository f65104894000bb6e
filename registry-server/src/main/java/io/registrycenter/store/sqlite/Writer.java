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
import java.sql.Connection;
import java.sql.PreparedStatement;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer: takes what waits, checks guards one transaction after the other, writes one row, forces it, and only then
 * shows it to anyone.
 *
 * <p>{@link #run} and all fields are confined to the writer thread; {@link #floor} and {@link #logBytes} may be read by any.
 * The records are changed before the row is durable, so that later transactions of a batch see earlier ones: when the write
 * fails they are wrong, and never used again, for the store is then FAILED for good.
 */
final class Writer implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

    private final Connection connection;
    private final PreparedStatement insert;
    private final CommitQueue queue;
    private final Tail tail;
    private final HeadMark mark;
    private final Executor answers;
    private final Map<RecordKey, StoredRecord> records;
    private final CommitJoiner joiner = new CommitJoiner();
    private final AtomicLong floor;
    private final AtomicLong logBytes;
    private final AtomicLong writes = new AtomicLong();
    private long head;
    private @Nullable StoreException failure;

    /**
     * Takes over a connection and what it leads to.
     *
     * @param answers completes futures, in order, away from the writer
     */
    Writer(Connection connection, Recovery.Found found, HeadMark mark, CommitQueue queue, Tail tail, Executor answers)
            throws SQLException {
        this.connection = connection;
        this.insert = connection.prepareStatement("INSERT INTO log VALUES (?, ?, ?, ?)");
        this.queue = queue;
        this.tail = tail;
        this.mark = mark;
        this.answers = answers;
        this.records = found.records();
        this.floor = new AtomicLong(found.floor());
        this.logBytes = new AtomicLong(found.logBytes());
        this.head = found.head();
    }

    long floor() {
        return floor.get();
    }

    long logBytes() {
        return logBytes.get();
    }

    /** Rows written and forced since the start, each with the commits of one batch. */
    long writes() {
        return writes.get();
    }

    /** Works until the queue is closed and empty. After a failure everything that still comes is refused. */
    @Override
    public void run() {
        try {
            for (CommitQueue.Work work = queue.take(); work != null; work = queue.take()) {
                carryOut(work.batch(), work.fold());
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but a JVM that is going away.
            Thread.currentThread().interrupt();
        }
    }

    private void carryOut(List<CommitQueue.Pending> batch, @Nullable FoldSlice slice) {
        if (!batch.isEmpty()) {
            attempt(() -> commit(batch), reason -> refuse(batch, reason));
        }
        if (slice != null) {
            attempt(() -> fold(slice), reason -> refuse(slice, reason));
        }
    }

    private void attempt(Step step, Consumer<StoreException> refusal) {
        if (failure == null) {
            try {
                step.run();
                return;
            } catch (SQLException | RuntimeException | Error e) {
                OutOfMemory.endIfCause(e);
                failure = failed(e);
            }
        }
        refusal.accept(failure);
    }

    private StoreException failed(Throwable cause) {
        StoreException reason = new StoreException(
                StoreException.Kind.UNAVAILABLE,
                "the registry's database can no longer be written (" + cause.getMessage()
                        + "): see to the disk, then restart this server",
                cause);
        LOG.error("{}", reason.getMessage(), cause);
        queue.move(CommitQueue.State.FAILED, reason);
        tail.end(reason);
        return reason;
    }

    private void commit(List<CommitQueue.Pending> batch) throws SQLException {
        List<Settled> settled = new ArrayList<>(batch.size());
        List<Commit> commits = new ArrayList<>(batch.size());
        for (CommitQueue.Pending pending : batch) {
            settled.add(settle(pending, commits));
        }
        if (!commits.isEmpty()) {
            long last = head + commits.size();
            LogRow row = new LogRow(head + 1, last, joiner.take());
            write(row);
            mark.set(last);
            head = last;
            writes.incrementAndGet();
            logBytes.addAndGet(row.commits().length);
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
            History.apply(commit, records);
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

    /** One statement outside of a transaction is a transaction: written and forced when this returns. */
    private void write(LogRow row) throws SQLException {
        insert.setLong(1, row.first());
        insert.setLong(2, row.last());
        insert.setLong(3, row.sum());
        insert.setBytes(4, row.commits());
        insert.executeUpdate();
    }

    private void fold(FoldSlice slice) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement put = connection.prepareStatement("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)");
                PreparedStatement delete = connection.prepareStatement("DELETE FROM state WHERE path = ?");
                PreparedStatement forget = connection.prepareStatement("DELETE FROM log WHERE first_revision <= ?")) {
            for (StateRow row : slice.puts()) {
                put.setString(1, row.path());
                put.setLong(2, row.revision());
                put.setLong(3, row.sum());
                put.setBytes(4, row.value());
                put.executeUpdate();
            }
            for (String path : slice.deletes()) {
                delete.setString(1, path);
                delete.executeUpdate();
            }
            forget.setLong(1, slice.floor());
            int forgotten = forget.executeUpdate();
            if (forgotten != slice.rows()) {
                throw new SQLException("folding " + slice.rows() + " rows found " + forgotten);
            }
            Database.setFloor(connection, slice.floor());
            connection.commit();
        }
        connection.setAutoCommit(true);
        floor.set(slice.floor());
        logBytes.addAndGet(-slice.bytes());
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
        void run() throws SQLException;
    }
}
