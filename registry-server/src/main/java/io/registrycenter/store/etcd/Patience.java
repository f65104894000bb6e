package io.registrycenter.store.etcd;

import io.registrycenter.store.StoreException;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second chance of a start: what etcd does not answer in time is asked again, until a deadline for all questions together. On
 * a cold and busy machine etcd's first answer takes longer than any request may later. What time does not cure fails at once.
 *
 * <p>A try that began before the deadline is waited for. Blocks; confined to the thread that opens the store.
 */
final class Patience {

    /** A server that waits is of no use to anybody; whoever starts it wants to know. */
    static final Duration OF_A_START = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

    private final LongSupplier nanoTime;
    private final LongConsumer pauseMs;
    private final long deadlineNanos;
    private final Backoff backoff = Backoff.ofStream();
    private boolean said;

    /** @param pauseMs waits for so long */
    Patience(LongSupplier nanoTime, LongConsumer pauseMs, Duration most) {
        this.nanoTime = nanoTime;
        this.pauseMs = pauseMs;
        this.deadlineNanos = nanoTime.getAsLong() + most.toNanos();
    }

    /**
     * Asks until there is an answer.
     *
     * @param question may be asked more than once
     * @throws StoreException the last one, when it is too late; the first that time does not cure
     */
    <A> A ask(Supplier<A> question) {
        while (true) {
            try {
                return question.get();
            } catch (StoreException trouble) {
                long leftMs = (deadlineNanos - nanoTime.getAsLong()) / 1_000_000;
                if (leftMs <= 0 || !OpeningAdvice.mayPass(trouble)) {
                    throw trouble;
                }
                if (!said) {
                    said = true;
                    LOG.warn("{}; asked again for {} ms before this server gives up", trouble.getMessage(), leftMs);
                }
                pauseMs.accept(Math.min(leftMs, backoff.next()));
            }
        }
    }
}
