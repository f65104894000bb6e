package io.registrycenter.e2e.swarm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A process full of clients, for its parent to stop, kill or read: prints one JSON object a line, {@code ready} when all is
 * registered and every watcher sees it. Ends when it is told to, or by itself after a time no proof lasts.
 */
final class SwarmMain {

    /** So many clients start at a time: the proofs are about what happens later. */
    private static final int BATCH = 50;

    private static final int CALLBACK_THREADS = 4;
    private static final long START_SECONDS = 120;
    private static final long LIFE_MINUTES = 20;

    private SwarmMain() {}

    public static void main(String[] args) throws InterruptedException {
        SwarmPlan plan = SwarmPlan.of(args);
        SwarmOutput output = new SwarmOutput(System.out);
        ExecutorService callbacks = Executors.newFixedThreadPool(CALLBACK_THREADS);
        List<SwarmMember> members = new ArrayList<>();
        for (int i = 0; i < plan.clients(); i++) {
            members.add(new SwarmMember(i, plan, output, callbacks));
        }
        inBatches(members.stream().filter(SwarmMember::provides).toList(), SwarmMember::register);
        inBatches(members.stream().filter(SwarmMember::watches).toList(), SwarmMember::watch);
        List<StalledWatcher> stalled = new ArrayList<>();
        for (int i = 0; i < plan.stalled(); i++) {
            stalled.add(new StalledWatcher(i, plan));
        }
        inBatches(stalled, StalledWatcher::open);
        output.print("ready");
        // Closing 1,000 clients one after the other would take longer than a parent waits.
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> members.parallelStream().forEach(SwarmMember::close), "goodbye of the swarm"));
        if (!new CountDownLatch(1).await(LIFE_MINUTES, TimeUnit.MINUTES)) {
            System.exit(1);
        }
    }

    private static <T> void inBatches(List<T> all, java.util.function.Function<T, CompletableFuture<?>> begin) {
        for (int done = 0; done < all.size(); done += BATCH) {
            List<? extends CompletableFuture<?>> batch = all.subList(done, Math.min(all.size(), done + BATCH)).stream()
                    .map(begin)
                    .toList();
            CompletableFuture.allOf(batch.toArray(CompletableFuture[]::new))
                    .orTimeout(START_SECONDS, TimeUnit.SECONDS)
                    .join();
        }
    }
}
