package io.registrycenter.load.client;

import io.registrycenter.load.wire.Ending;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the watchers of one event loop saw together. Confined to that loop. */
final class Tally {
    private long changes;
    private long deltas;
    private long messages;
    private long gaps;
    private long lost;
    private int live;
    private String firstFault = "";
    private long goal = Long.MAX_VALUE;
    private int behind;
    private @Nullable CompletableFuture<Long> reached;
    private @Nullable Arrivals arrivals;

    Counts counts(long bytesIn) {
        return new Counts(changes, deltas, messages, gaps, lost, bytesIn);
    }

    void delta(long after, long applied, long revision, int changeCount) {
        deltas++;
        changes += changeCount;
        if (after > applied) {
            gaps++;
        }
        if (arrivals != null) {
            arrivals.add(revision, System.nanoTime());
        }
    }

    void message() {
        messages++;
    }

    void advanced(long from, long to) {
        if (from < goal && to >= goal) {
            behind--;
            complete();
        }
    }

    void answered() {
        live++;
    }

    int live() {
        return live;
    }

    void watcherLost(Ending ending) {
        lost++;
        fault(ending.toString());
        CompletableFuture<Long> future = reached;
        if (future != null) {
            reached = null;
            future.completeExceptionally(new IllegalStateException("a watcher was lost: " + ending));
        }
    }

    void watcherCut() {
        live--;
    }

    void fault(String what) {
        if (firstFault.isEmpty()) {
            firstFault = what;
        }
    }

    String firstFault() {
        return firstFault;
    }

    void arrivals(@Nullable Arrivals into) {
        arrivals = into;
    }

    /** Completes with {@link System#nanoTime} when the watchers that are behind the revision have reached it; fails when one is lost. */
    void reach(long revision, int watchersBehind, CompletableFuture<Long> future) {
        goal = revision;
        behind = watchersBehind;
        reached = future;
        complete();
    }

    private void complete() {
        CompletableFuture<Long> future = reached;
        if (behind == 0 && future != null) {
            goal = Long.MAX_VALUE;
            reached = null;
            future.complete(System.nanoTime());
        }
    }
}
