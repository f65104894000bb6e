package io.registrycenter.client.internal.callback;

/** Time as this package needs it: a monotonic clock, and a timer. Any thread. */
public interface Pulse {

    /** Monotonic, in nanoseconds; only differences mean something. */
    long nanoTime();

    /** Runs the task once after the delay, on a thread that the task must not block. After the client was closed: never. */
    void after(long delayNanos, Runnable task);
}
