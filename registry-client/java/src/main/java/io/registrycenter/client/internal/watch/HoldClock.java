package io.registrycenter.client.internal.watch;

/**
 * Time as a hold counts it: it stands still while the link is lost, since nobody could come back then. Stands still at
 * first. Confined to the serial executor.
 */
final class HoldClock {

    private boolean running;
    /** What it has counted up to {@link #turnedNanos}. */
    private long countedNanos;
    /** When it was started or stopped last. */
    private long turnedNanos;

    long at(long nowNanos) {
        return running ? countedNanos + nowNanos - turnedNanos : countedNanos;
    }

    void run(boolean on, long nowNanos) {
        countedNanos = at(nowNanos);
        turnedNanos = nowNanos;
        running = on;
    }
}
