package io.registrycenter.store.etcd;

import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Mutation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Everything a follower is told, as text. */
final class ToldAsText implements Follower {
    private static final long DEADLINE_S = 20;

    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();

    @Override
    public void commit(Commit commit) {
        for (Mutation mutation : commit.mutations()) {
            words.add((mutation.value() == null ? "deleted " : "put ")
                    + mutation.key().path());
        }
    }

    @Override
    public void passed(long revision) {
        words.add("passed " + revision);
    }

    @Override
    public void cutOff(Duration silence) {
        words.add("cut off");
    }

    @Override
    public void rejoined() {
        words.add("rejoined");
    }

    @Override
    public void compacted(long floor) {
        words.add("compacted");
    }

    @Override
    public void lost(Throwable cause) {
        words.add("lost: " + cause.getMessage());
    }

    /** Waits for a word; gives those before it. */
    List<String> await(String word) throws InterruptedException {
        List<String> before = new ArrayList<>();
        for (; ; ) {
            String next = words.poll(DEADLINE_S, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("never told \"" + word + "\", but " + before);
            }
            if (next.equals(word)) {
                return before;
            }
            before.add(next);
        }
    }
}
