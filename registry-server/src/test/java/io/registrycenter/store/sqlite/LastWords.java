package io.registrycenter.store.sqlite;

import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import java.util.concurrent.CompletableFuture;

/** Remembers the last commit and how it ended. */
final class LastWords implements Follower {

    final CompletableFuture<Throwable> lost = new CompletableFuture<>();

    /** Written before {@link #lost} completes, read after. */
    long last;

    @Override
    public void commit(Commit commit) {
        last = commit.revision();
    }

    @Override
    public void compacted(long floor) {
        lost.completeExceptionally(new AssertionError("compacted to " + floor));
    }

    @Override
    public void lost(Throwable cause) {
        lost.complete(cause);
    }
}
