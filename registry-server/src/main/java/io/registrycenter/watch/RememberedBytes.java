package io.registrycenter.watch;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What label interests remember of commits they have encoded, all together, up to a limit. Beyond it they encode again where
 * they would have remembered. Any thread.
 */
final class RememberedBytes {

    private final long most;
    private final AtomicLong bytes = new AtomicLong();

    RememberedBytes(long most) {
        this.most = most;
    }

    /** Whether so many more may be remembered; then they are counted, until they are {@link #forget forgotten}. */
    boolean remember(long more) {
        if (bytes.addAndGet(more) <= most) {
            return true;
        }
        bytes.addAndGet(-more);
        return false;
    }

    void forget(long fewer) {
        bytes.addAndGet(-fewer);
    }

    long bytes() {
        return bytes.get();
    }
}
