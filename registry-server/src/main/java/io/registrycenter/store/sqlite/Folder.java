package io.registrycenter.store.sqlite;

import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Compaction: folds the oldest rows of the log into the state, slice by slice, whole rows only. It reads, decodes and encodes
 * on a thread of its own; the writer only carries out each slice's SQL, between two batches.
 */
final class Folder {

    /** Requests that wait; more are OVERLOADED. */
    private static final int QUEUED_REQUESTS = 16;

    /** The writer commits nothing while it folds a slice: some milliseconds. */
    private static final long SLICE_BYTES = 256 << 10;

    private static final long SLICE_DEADLINE_S = 60;

    private final Path database;
    private final CommitQueue queue;
    private final LongSupplier floor;
    private final ThreadPoolExecutor thread;

    Folder(Path database, CommitQueue queue, LongSupplier floor) {
        this.database = database;
        this.queue = queue;
        this.floor = floor;
        this.thread = new ThreadPoolExecutor(
                0,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUED_REQUESTS),
                Thread.ofPlatform().daemon().name("store-fold").factory());
    }

    /** Folds rows that end at or before a revision; completes with the floor that was reached. */
    CompletableFuture<Long> foldTo(long revision) {
        CompletableFuture<Long> reached = new CompletableFuture<>();
        try {
            thread.execute(() -> fold(revision, reached));
        } catch (RejectedExecutionException e) {
            reached.completeExceptionally(
                    thread.isShutdown()
                            ? new StoreException(StoreException.Kind.UNAVAILABLE, "the store is closed", e)
                            : new StoreException(
                                    StoreException.Kind.OVERLOADED,
                                    QUEUED_REQUESTS + " compactions wait already, try again later",
                                    e));
        }
        return reached;
    }

    private void fold(long revision, CompletableFuture<Long> reached) {
        try (Connection reader = Database.openReader(database)) {
            FoldSlice slice = nextSlice(reader, revision);
            while (slice != null) {
                queue.add(slice);
                slice.done().get(SLICE_DEADLINE_S, TimeUnit.SECONDS);
                slice = nextSlice(reader, revision);
            }
            reached.complete(floor.getAsLong());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reached.completeExceptionally(unavailable("the store is closing", e));
        } catch (ExecutionException e) {
            reached.completeExceptionally(e.getCause() == null ? e : e.getCause());
        } catch (StoreException e) {
            reached.completeExceptionally(e);
        } catch (SQLException | TimeoutException | RuntimeException e) {
            reached.completeExceptionally(unavailable(String.valueOf(e.getMessage()), e));
        }
    }

    private static StoreException unavailable(String reason, Exception e) {
        return new StoreException(StoreException.Kind.UNAVAILABLE, "the history was not compacted: " + reason, e);
    }

    private @Nullable FoldSlice nextSlice(Connection reader, long revision) throws SQLException {
        List<LogRow> rows = History.slice(reader, floor.getAsLong(), revision, SLICE_BYTES);
        reader.commit();
        return rows.isEmpty() ? null : slice(rows);
    }

    private static FoldSlice slice(List<LogRow> rows) {
        record Newest(long revision, @Nullable RecordValue value) {}
        Map<RecordKey, Newest> newest = new LinkedHashMap<>();
        long bytes = 0;
        for (LogRow row : rows) {
            bytes += row.commits().length;
            for (Commit commit : row.decode()) {
                for (Mutation mutation : commit.mutations()) {
                    newest.put(mutation.key(), new Newest(commit.revision(), mutation.value()));
                }
            }
        }
        List<StateRow> puts = new ArrayList<>();
        List<String> deletes = new ArrayList<>();
        newest.forEach((key, last) -> {
            RecordValue value = last.value();
            if (value == null) {
                deletes.add(key.path());
            } else {
                puts.add(new StateRow(key.path(), last.revision(), RecordCodec.encode(value)));
            }
        });
        return new FoldSlice(rows.getLast().last(), rows.size(), bytes, puts, deletes, new CompletableFuture<>());
    }

    /** Breaks off before the next slice; requests that wait are refused. */
    void close(long timeoutMs) throws InterruptedException {
        thread.shutdownNow().forEach(Runnable::run);
        thread.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS);
    }
}
