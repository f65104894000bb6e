package io.registrycenter.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;

/**
 * Every thread of a simulated world, on the test's thread: each executor is a queue that runs in order, and which queue goes
 * on next is decided by a seed. Queues belong to a server's process, which can be killed or frozen, or to the store.
 */
final class Steps {

    private static final int STORE = -1;

    private final Random random;
    /** Queues that have something to do. */
    private final List<Queue> ready = new ArrayList<>();

    /** Queues of frozen processes that have something to do. */
    private final List<Queue> still = new ArrayList<>();

    private final BitSet dead = new BitSet();
    private final BitSet frozen = new BitSet();
    private int processes = 1;
    private int process;

    private final class Queue implements Executor {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private final int owner;

        Queue(int owner) {
            this.owner = owner;
        }

        boolean in(BitSet processes) {
            return owner != STORE && processes.get(owner);
        }

        @Override
        public void execute(Runnable task) {
            if (!in(dead)) {
                if (tasks.isEmpty()) {
                    (in(frozen) ? still : ready).add(this);
                }
                tasks.add(task);
            }
        }
    }

    Steps(long seed) {
        random = new Random(seed);
    }

    /** Serial; a task never runs inside {@code execute}. Belongs to the process that runs now. */
    Executor executor() {
        return executor(process);
    }

    Executor executor(int ofProcess) {
        return new Queue(ofProcess);
    }

    /** The same, but of the store: outlives every process, and what is queued there happens. */
    Executor storeExecutor() {
        return new Queue(STORE);
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

    int newProcess() {
        return processes++;
    }

    /** What was queued by a process that is killed is never run, nor is what comes for it later. */
    void kill(int killed) {
        dead.set(killed);
        ready.removeIf(queue -> queue.in(dead));
        still.removeIf(queue -> queue.in(dead));
    }

    /** Kills the process that runs now; from here on another one does. */
    void killProcess() {
        kill(process);
        process = newProcess();
    }

    /** What is queued for the process waits. */
    void freeze(int stopped) {
        frozen.set(stopped);
        move(ready, still, stopped);
    }

    void thaw(int stopped) {
        frozen.clear(stopped);
        move(still, ready, stopped);
    }

    private static void move(List<Queue> from, List<Queue> to, int owner) {
        from.stream().filter(queue -> queue.owner == owner).forEach(to::add);
        from.removeIf(queue -> queue.owner == owner);
    }
}
