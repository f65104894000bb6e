package io.registrycenter.store.transfer;

import io.registrycenter.store.Guard;
import io.registrycenter.store.Intake;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.transfer.Export.Summary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes the records of an {@link Export} into a new history. The file is read twice: first all of it is checked, and only then the
 * target is touched. Sessions keep id, fence and attempt, so that their clients resume; revisions are new, since they are positions
 * in a history. Confined to one thread; blocks.
 */
public final class Import {

    /** What one transaction carries: well below etcd's 1.5 MB. */
    private static final int BATCH_BYTES = 512 << 10;

    private static final int BATCH_RECORDS = 100;
    private static final Duration COMMIT_DEADLINE = Duration.ofMinutes(1);

    private final Store store;
    private final List<Mutation> batch = new ArrayList<>();
    private int batchBytes;

    private Import(Store store) {
        this.store = store;
    }

    /**
     * Checks the file, then begins the new history and fills it.
     *
     * @param target begins it; asked when the file is known to be whole
     * @throws StoreException {@code CORRUPT} when the file cannot be taken, else what the target throws
     */
    public static Summary read(Path file, Supplier<Intake> target) {
        Summary checked = ExportReader.read(file, record -> {});
        try (Intake intake = target.get()) {
            Import taking = new Import(intake.store());
            Summary taken = ExportReader.read(file, taking::take);
            if (!taken.equals(checked)) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT, file + " was changed while it was imported: import it again");
            }
            taking.commit();
            intake.finish();
        }
        return checked;
    }

    private void take(Mutation record) {
        Mutation own = new Mutation(record.key(), rebased(record.value()));
        int bytes = RecordCodec.encode(own).length;
        if (batch.size() == BATCH_RECORDS || batchBytes + bytes > BATCH_BYTES) {
            commit();
        }
        batch.add(own);
        batchBytes += bytes;
    }

    /** Revisions of the old history say nothing in the new one. */
    private static @Nullable RecordValue rebased(@Nullable RecordValue value) {
        return value instanceof InstanceRecord record
                ? new InstanceRecord(record.instance().at(0, 0), record.sessionId(), record.requestId())
                : value;
    }

    private void commit() {
        if (batch.isEmpty()) {
            return;
        }
        Outcome outcome;
        try {
            // Guarded, so that the store may send it again when an answer is lost.
            List<Guard> guards =
                    batch.stream().map(record -> Guard.absent(record.key())).toList();
            outcome = store.commit(new Transaction(guards, batch))
                    .orTimeout(COMMIT_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException known
                    ? known
                    : new StoreException(StoreException.Kind.UNAVAILABLE, "records could not be committed", e);
        }
        if (!(outcome instanceof Outcome.Committed)) {
            throw new StoreException(
                    StoreException.Kind.OCCUPIED, "somebody else writes to the target while it is being filled");
        }
        batch.clear();
        batchBytes = 0;
    }
}
