package io.registrycenter.store.sqlite;

import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when the writer cannot write: a {@link DiskFault} closes the queue until a write succeeds, anything else for good.
 * Says so in the log, both ways. Confined to the writer thread.
 */
final class Obstruction {

    private static final Logger LOG = LoggerFactory.getLogger(Obstruction.class);

    private final CommitQueue queue;
    private final Tail tail;
    private final WritableDatabase database;
    private final WriteRetry.Times times;
    private final LongSupplier nanoTime;
    private final Executor answers;

    /** @param answers refuses what waits, away from the writer */
    Obstruction(
            CommitQueue queue,
            Tail tail,
            WritableDatabase database,
            WriteRetry.Times times,
            LongSupplier nanoTime,
            Executor answers) {
        this.queue = queue;
        this.tail = tail;
        this.database = database;
        this.times = times;
        this.nanoTime = nanoTime;
        this.answers = answers;
    }

    /** A write failed for good or for now; what waits behind it is refused. Its callers are told what is returned. */
    StoreException met(Throwable failure) {
        DiskFault fault = DiskFault.of(failure);
        if (fault == null) {
            return failed(failure);
        }
        String clause = fault.clause(database.path(), failure);
        StoreException behind = refusal(clause + "; nothing was changed", failure);
        if (queue.move(CommitQueue.State.OBSTRUCTED, clause, behind)) {
            LOG.error(
                    "The registry takes no commits: {}. What is registered is served, sessions are kept, and writing is tried"
                            + " again without end.",
                    clause,
                    failure);
            answers.execute(() -> queue.refuseWaiting(behind));
        }
        return fault.nothingWritten()
                ? behind
                : refusal(clause + "; whether the commit was carried out is not known", failure);
    }

    /** Tries until a write succeeds, it turns out that none will, or the store closes. */
    void waitForTheEnd() throws InterruptedException {
        long begun = nanoTime.getAsLong();
        Duration pause = times.shortest();
        while (!queue.awaitClosing(pause)) {
            try {
                database.renew();
                queue.move(CommitQueue.State.OPEN, null, null);
                LOG.info(
                        "The registry takes commits again; it refused them for {} ms.",
                        (nanoTime.getAsLong() - begun) / 1_000_000);
                return;
            } catch (SQLException | IOException | RuntimeException | Error e) {
                OutOfMemory.endIfCause(e);
                if (!still(e)) {
                    return;
                }
            }
            pause = pause.multipliedBy(2).compareTo(times.longest()) < 0 ? pause.multipliedBy(2) : times.longest();
        }
    }

    /** Whether what stands in the way may still pass; it may be something else by now. */
    private boolean still(Throwable failure) {
        DiskFault fault = DiskFault.of(failure);
        if (fault == null) {
            failed(failure);
            return false;
        }
        String clause = fault.clause(database.path(), failure);
        if (!clause.equals(queue.obstacle())) {
            LOG.warn("The registry still takes no commits: {}.", clause);
            queue.move(CommitQueue.State.OBSTRUCTED, clause, refusal(clause + "; nothing was changed", failure));
        }
        return true;
    }

    private StoreException failed(Throwable cause) {
        String clause = "the registry's database can no longer be written (" + cause.getMessage()
                + "): see to the disk, then restart this server";
        StoreException reason = new StoreException(StoreException.Kind.UNAVAILABLE, clause, cause);
        LOG.error("{}", clause, cause);
        queue.move(CommitQueue.State.FAILED, clause, reason);
        answers.execute(() -> queue.refuseWaiting(reason));
        tail.end(reason);
        return reason;
    }

    private static StoreException refusal(String clause, Throwable cause) {
        return new StoreException(StoreException.Kind.UNAVAILABLE, "no commits are taken: " + clause, cause);
    }
}
