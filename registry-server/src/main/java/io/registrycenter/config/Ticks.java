package io.registrycenter.config;

import io.registrycenter.memory.OutOfMemory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * One thread that moves every clock of the server: heartbeats, expiry, retention.
 *
 * <p>A job that fails is logged and comes again at its next time. Jobs must not block for long: they share the thread.
 */
final class Ticks implements SmartLifecycle {

    /** After {@link Following}, before the servers. */
    private static final int PHASE = -900;

    private static final Logger log = LoggerFactory.getLogger(Ticks.class);

    /** Something that happens again and again. */
    record Job(String name, Duration every, Runnable work) {}

    private final Runnable first;
    private final List<Job> jobs;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("registry-ticks").daemon().factory());
    private volatile boolean running;

    /** @param first runs once before the first job, on the starting thread: the view has caught up, no port is open */
    Ticks(Runnable first, List<Job> jobs) {
        this.first = first;
        this.jobs = List.copyOf(jobs);
    }

    @Override
    public void start() {
        running = true;
        first.run();
        for (Job job : jobs) {
            long nanos = job.every().toNanos();
            var unused = thread.scheduleWithFixedDelay(() -> run(job), nanos, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private static void run(Job job) {
        try {
            job.work().run();
        } catch (RuntimeException | Error fault) {
            // What a periodic task throws would end it for ever.
            OutOfMemory.endIfCause(fault);
            log.error("The job \"{}\" failed; it comes again", job.name(), fault);
        }
    }

    /** Waits at most a second for a job that is under way. */
    @Override
    public void stop() {
        running = false;
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
                log.warn("A job still runs while the server stops");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
