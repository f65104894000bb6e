package io.registrycenter.watch;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Runs what it is given, by any thread, when the test says so, in order, on the test's thread. */
final class StepExecutor implements EventLoop {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void executeLater(Runnable task, long delayNanos) {
        throw new IllegalStateException("no time passes while a lane runs, so it never rests");
    }

    void runOne() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
    }

    void runSome(int most) {
        for (int i = 0; i < most; i++) {
            runOne();
        }
    }

    void runAll() {
        while (!tasks.isEmpty()) {
            runOne();
        }
    }
}
