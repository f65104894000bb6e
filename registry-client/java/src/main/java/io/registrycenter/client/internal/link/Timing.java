package io.registrycenter.client.internal.link;

/** Time as an argument: a monotonic clock and a scheduler on it. Any thread. */
public interface Timing {

    /** Monotonic, in nanoseconds; only differences mean something. */
    long nanoTime();

    /**
     * Runs the task once, on a thread of the scheduler, which it must not block.
     *
     * @param delayNanos 0 or less: as soon as possible
     */
    Cancellable schedule(long delayNanos, Runnable task);

    /** Something that may still be called off. */
    interface Cancellable {
        /** Has no effect when it ran or runs. */
        void cancel();
    }
}
