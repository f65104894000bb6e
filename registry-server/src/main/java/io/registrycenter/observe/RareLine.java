package io.registrycenter.observe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The limit of one kind of log line that outsiders can cause: one line a minute, and a count of those left out.
 *
 * <pre>{@code
 * line.next().ifPresent(leftOut -> log.warn("... {} more since the last line.", leftOut));
 * }</pre>
 *
 * <p>Any thread.
 */
public final class RareLine {

    private static final long SILENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private long quietUntilNanos;

    @GuardedBy("this")
    private long leftOut;

    /** @param nanoTime a monotonic clock */
    public RareLine(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.quietUntilNanos = nanoTime.getAsLong();
    }

    /** Returns how many lines were left out since the last one; empty when this one is to be left out, too. */
    public synchronized OptionalLong next() {
        long now = nanoTime.getAsLong();
        if (now - quietUntilNanos < 0) {
            leftOut++;
            return OptionalLong.empty();
        }
        quietUntilNanos = now + SILENCE_NANOS;
        OptionalLong said = OptionalLong.of(leftOut);
        leftOut = 0;
        return said;
    }
}
