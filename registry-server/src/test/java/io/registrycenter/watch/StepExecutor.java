package io.registrycenter.watch;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** Runs what it is given when the test says so, in order, on the test's thread. */
final class StepExecutor implements Executor {

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.addLast(task);
    }

    void runOne() {
        Runnable task = tasks.pollFirst();
        if (task != null) {
            task.run();
        }
    }

    void runAll() {
        while (!tasks.isEmpty()) {
            runOne();
        }
    }
}
