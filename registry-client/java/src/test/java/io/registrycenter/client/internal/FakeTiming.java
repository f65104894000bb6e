package io.registrycenter.client.internal;

import io.registrycenter.client.internal.link.Timing;
import java.time.Duration;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Time that moves when the test says so; tasks run on the test's thread, in order. */
final class FakeTiming implements Timing {

    private static final class Task implements Comparable<Task>, Cancellable {
        final long atNanos;
        final long order;
        final Runnable run;
        boolean cancelled;

        Task(long atNanos, long order, Runnable run) {
            this.atNanos = atNanos;
            this.order = order;
            this.run = run;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Task other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long now = 1_000_000_000L;
    private long orders;

    /** Thrown by the next timer that is asked for; null: none is. */
    @Nullable
    Error fault;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Cancellable schedule(long delayNanos, Runnable run) {
        Error thrown = fault;
        if (thrown != null) {
            fault = null;
            throw thrown;
        }
        Task task = new Task(now + Math.max(0, delayNanos), orders++, run);
        tasks.add(task);
        return task;
    }

    void advance(Duration duration) {
        long end = now + duration.toNanos();
        Task next = tasks.peek();
        while (next != null && next.atNanos <= end) {
            tasks.remove();
            now = Math.max(now, next.atNanos);
            if (!next.cancelled) {
                next.run.run();
            }
            next = tasks.peek();
        }
        now = end;
    }

    /** The process sleeps: time passes, and what was due runs late, all at once. */
    void sleep(Duration duration) {
        now += duration.toNanos();
        advance(Duration.ZERO);
    }

    long waiting() {
        return tasks.stream().filter(task -> !task.cancelled).count();
    }
}
