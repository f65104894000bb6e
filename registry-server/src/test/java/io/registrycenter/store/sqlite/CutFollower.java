package io.registrycenter.store.sqlite;

import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Remembers the last commit, and whether it was told that the history is out of reach, within reach again, or lost. */
final class CutFollower implements Follower {

    final CompletableFuture<Void> cut = new CompletableFuture<>();
    final CompletableFuture<Void> rejoined = new CompletableFuture<>();
    final CompletableFuture<Throwable> lost = new CompletableFuture<>();

    /** Written before one of the futures completes, read after. */
    long last;

    @Override
    public void commit(Commit commit) {
        last = commit.revision();
    }

    @Override
    public void cutOff(Duration silence) {
        cut.complete(null);
    }

    @Override
    public void rejoined() {
        rejoined.complete(null);
    }

    @Override
    public void compacted(long floor) {
        lost.complete(new AssertionError("compacted to " + floor));
    }

    @Override
    public void lost(Throwable cause) {
        lost.complete(cause);
    }
}
