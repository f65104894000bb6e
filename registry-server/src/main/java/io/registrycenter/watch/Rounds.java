package io.registrycenter.watch;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Divides the work of a lane into rounds, and says how long it rests after each: as long as the round took, ten milliseconds
 * at most. What comes meanwhile is told together, and a message costs nearly the same whatever it carries; where there is little
 * to tell, the rest is over long before the next commit comes. It is not idle: requests and acknowledgements have their turn.
 *
 * <p>{@link #now} from any thread, everything else on the lane.
 */
final class Rounds {

    private static final long LONGEST_REST_NANOS = 10_000_000;

    /** Work that comes now belongs to the round after this one. */
    private final AtomicInteger round = new AtomicInteger();

    private boolean running;
    private long begunNanos;
    private long restUntilNanos;

    /** @param nowNanos the begin of time */
    Rounds(long nowNanos) {
        restUntilNanos = nowNanos;
    }

    /** What work is marked with when it comes. */
    int now() {
        return round.get();
    }

    /** Nanoseconds until the next round may begin; not positive: it may, or one is running. */
    long rest(long nowNanos) {
        return running ? 0 : restUntilNanos - nowNanos;
    }

    /** A round begins, unless one is running. */
    void begin(long nowNanos) {
        if (!running) {
            running = true;
            begunNanos = nowNanos;
            round.incrementAndGet();
        }
    }

    /** Whether work that came with this mark belongs to the round that is running. */
    boolean has(int mark) {
        return mark != round.get();
    }

    /** Nothing is left of the round that runs, if one does. */
    void end(long nowNanos) {
        if (running) {
            running = false;
            restUntilNanos = nowNanos + Math.min(nowNanos - begunNanos, LONGEST_REST_NANOS);
        }
    }
}
