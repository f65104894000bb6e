package io.registrycenter.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;

/**
 * Every thread of a simulated world, on the test's thread: each executor is a queue that runs in order, and which queue goes
 * on next is decided by a seed.
 */
final class Steps {

    private final Random random;
    /** Queues that have something to do. */
    private final List<Queue> ready = new ArrayList<>();

    private int process;

    private final class Queue implements Executor {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        /** The start of the server it belongs to; -1: the store's. */
        private final int owner;

        Queue(int owner) {
            this.owner = owner;
        }

        boolean lives() {
            return owner == -1 || owner == process;
        }

        @Override
        public void execute(Runnable task) {
            if (lives()) {
                if (tasks.isEmpty()) {
                    ready.add(this);
                }
                tasks.add(task);
            }
        }
    }

    Steps(long seed) {
        random = new Random(seed);
    }

    /** Serial; a task never runs inside {@code execute}. Belongs to the server's process. */
    Executor executor() {
        return new Queue(process);
    }

    /** The same, but of the store: outlives the server's process, and what is queued there happens. */
    Executor storeExecutor() {
        return new Queue(-1);
    }

    /** Runs until nothing is left to do. */
    void run() {
        for (int steps = 0; step(); steps++) {
            if (steps > 1_000_000) {
                throw new AssertionError("the world does not come to rest");
            }
        }
    }

    boolean step() {
        if (ready.isEmpty()) {
            return false;
        }
        int chosen = random.nextInt(ready.size());
        Queue queue = ready.get(chosen);
        Runnable task = queue.tasks.remove();
        if (queue.tasks.isEmpty()) {
            ready.set(chosen, ready.getLast());
            ready.removeLast();
        }
        task.run();
        return true;
    }

    /** What was queued by a process that is killed is never run, nor is what comes for it later. */
    void killProcess() {
        process++;
        ready.removeIf(queue -> !queue.lives());
    }
}
