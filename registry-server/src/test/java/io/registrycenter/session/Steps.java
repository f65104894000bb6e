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
    private final List<ArrayDeque<Runnable>> queues = new ArrayList<>();
    private final List<ArrayDeque<Runnable>> ofTheStore = new ArrayList<>();

    Steps(long seed) {
        random = new Random(seed);
    }

    /** Serial; a task never runs inside {@code execute}. Belongs to the server's process. */
    Executor executor() {
        ArrayDeque<Runnable> queue = new ArrayDeque<>();
        queues.add(queue);
        return queue::add;
    }

    /** The same, but of the store: outlives the server's process, and what is queued there happens. */
    Executor storeExecutor() {
        ArrayDeque<Runnable> queue = new ArrayDeque<>();
        ofTheStore.add(queue);
        queues.add(queue);
        return queue::add;
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
        List<ArrayDeque<Runnable>> ready = new ArrayList<>();
        for (ArrayDeque<Runnable> queue : queues) {
            if (!queue.isEmpty()) {
                ready.add(queue);
            }
        }
        if (ready.isEmpty()) {
            return false;
        }
        ready.get(random.nextInt(ready.size())).remove().run();
        return true;
    }

    /** What was queued by a process that is killed is never run. */
    void forgetProcess() {
        queues.retainAll(ofTheStore);
    }
}
