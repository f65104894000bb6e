package io.registrycenter.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One server's way to a store that several share. It can be cut: then commits fail, the answers of those under way are lost,
 * and what the history tells waits. It can lag: then only the history waits. Confined to the test's thread.
 */
public final class CuttableStore implements Store {

    private final Store shared;
    private final Executor answers;
    private final Executor deliveries;
    private final ArrayDeque<Commit> untold = new ArrayDeque<>();
    private @Nullable Follower follower;
    private boolean cut;
    private boolean lagging;
    private boolean toldCutOff;

    /**
     * @param answers where commits are answered, in order; of the server's process
     * @param deliveries where the history is told; of the server's process
     */
    public CuttableStore(Store shared, Executor answers, Executor deliveries) {
        this.shared = shared;
        this.answers = answers;
        this.deliveries = deliveries;
    }

    public void cut() {
        cut = true;
    }

    /** The engine finds out that it is cut off. */
    public void noticeCut() {
        Follower told = follower;
        if (cut && !toldCutOff && told != null) {
            toldCutOff = true;
            deliveries.execute(() -> told.cutOff(Duration.ZERO));
        }
    }

    public void heal() {
        cut = false;
        deliveries.execute(this::tell);
    }

    /** As {@link #heal}, but what was missed is compacted away. */
    public void healCompacted() {
        cut = false;
        Follower told = follower;
        untold.clear();
        if (told != null) {
            deliveries.execute(() -> told.compacted(shared.floor()));
        }
    }

    public void lag(boolean now) {
        lagging = now;
        deliveries.execute(this::tell);
    }

    private void tell() {
        Follower told = follower;
        while (told != null && !cut && !lagging && !untold.isEmpty()) {
            told.commit(untold.remove());
            told.batchComplete();
        }
        if (told != null && !cut && toldCutOff) {
            toldCutOff = false;
            told.rejoined();
        }
    }

    @Override
    public CompletableFuture<Outcome> commit(Transaction transaction, Judgement judgement) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        if (cut) {
            answers.execute(() -> answer.completeExceptionally(outOfReach()));
            return answer;
        }
        var unused = shared.commit(transaction, judgement)
                .whenComplete((outcome, failure) -> answers.execute(() -> {
                    if (cut || failure != null) {
                        answer.completeExceptionally(failure == null ? outOfReach() : failure);
                    } else {
                        answer.complete(outcome);
                    }
                }));
        return answer;
    }

    private static StoreException outOfReach() {
        return new StoreException(StoreException.Kind.UNAVAILABLE, "the store is out of reach (a cut of the test)");
    }

    @Override
    public Following follow(long after, Follower wanted) {
        follower = wanted;
        untold.clear();
        toldCutOff = false;
        return shared.follow(after, new Follower() {
            @Override
            public void commit(Commit commit) {
                untold.add(commit);
                deliveries.execute(CuttableStore.this::tell);
            }

            @Override
            public void compacted(long floor) {
                throw new AssertionError("compacted to " + floor);
            }

            @Override
            public void failed(Throwable cause) {
                deliveries.execute(() -> wanted.failed(cause));
            }

            @Override
            public void lost(Throwable cause) {
                deliveries.execute(() -> wanted.lost(cause));
            }
        });
    }

    @Override
    public String epoch() {
        return shared.epoch();
    }

    @Override
    public long head() {
        return shared.head();
    }

    @Override
    public long floor() {
        return shared.floor();
    }

    @Override
    public long historyBytes() {
        return shared.historyBytes();
    }

    @Override
    public List<StoredRecord> read(long revision) {
        if (cut) {
            throw outOfReach();
        }
        return shared.read(revision);
    }

    @Override
    public CompletableFuture<Long> compact(long revision) {
        return shared.compact(revision);
    }

    /** The shared store stays open. */
    @Override
    public void close() {
        cut();
    }
}
