package io.registrycenter.store.sqlite;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes again and again for a while where the disk fails in a way that can pass. Confined to the writer thread. */
final class WriteRetry {

    private static final Logger LOG = LoggerFactory.getLogger(WriteRetry.class);

    /**
     * How long a failure is waited for.
     *
     * @param write from the first failure of a batch on, while its callers wait
     * @param shortest pause before the next try; it doubles
     * @param longest pause, while commits are refused
     */
    record Times(Duration write, Duration shortest, Duration longest) {
        /** Calls usually wait for some seconds; a disk that was full is looked at often enough for nobody to reach for a restart. */
        static final Times DEFAULT = new Times(Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofSeconds(5));
    }

    private final CommitQueue queue;
    private final Times times;
    private final LongSupplier nanoTime;

    WriteRetry(CommitQueue queue, Times times, LongSupplier nanoTime) {
        this.queue = queue;
        this.times = times;
        this.nanoTime = nanoTime;
    }

    /** A use of the database that can be repeated until it succeeds. */
    interface Write {
        void run() throws SQLException, IOException;
    }

    /** Writes; fails with the last failure when its time is up, when the store closes, or when it cannot pass. */
    void run(Write write) throws SQLException, IOException, InterruptedException {
        long begun = nanoTime.getAsLong();
        Duration pause = times.shortest();
        while (true) {
            try {
                write.run();
                return;
            } catch (SQLException | IOException e) {
                long waited = nanoTime.getAsLong() - begun;
                if (DiskFault.of(e) == null
                        || waited + pause.toNanos() > times.write().toNanos()) {
                    throw e;
                }
                LOG.warn("A write of the registry's database failed and is tried again: {}", e.getMessage());
                if (queue.awaitClosing(pause)) {
                    throw e;
                }
                pause = pause.multipliedBy(2);
            }
        }
    }
}
