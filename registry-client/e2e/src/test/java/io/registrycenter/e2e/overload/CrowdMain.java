package io.registrycenter.e2e.overload;

import io.registrycenter.e2e.swarm.SwarmOutput;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** A process that connects many times at once, stays a while, and prints what became of each connection. */
final class CrowdMain {

    private static final long GRACE_SECONDS = 30;

    private CrowdMain() {}

    /** Arguments: port, connections, seconds to stay. */
    public static void main(String[] args) throws InterruptedException {
        int port = Integer.parseInt(args[0]);
        int connections = Integer.parseInt(args[1]);
        Duration stay = Duration.ofSeconds(Long.parseLong(args[2]));
        Map<Caller.Fate, LongAdder> fates = new EnumMap<>(Caller.Fate.class);
        for (Caller.Fate fate : Caller.Fate.values()) {
            fates.put(fate, new LongAdder());
        }
        SwarmOutput output = new SwarmOutput(System.out);
        CountDownLatch done = new CountDownLatch(connections);
        long deadline = System.nanoTime() + stay.toNanos();
        output.print("begins");
        for (int i = 0; i < connections; i++) {
            Thread.startVirtualThread(() -> {
                fates.get(Caller.call(port, deadline)).increment();
                done.countDown();
            });
        }
        boolean all = done.await(stay.toSeconds() + GRACE_SECONDS, TimeUnit.SECONDS);
        output.print(
                "crowd",
                "complete",
                all,
                "served",
                fates.get(Caller.Fate.SERVED).sum(),
                "told",
                fates.get(Caller.Fate.TOLD).sum(),
                "waited",
                fates.get(Caller.Fate.WAITED).sum(),
                "overflowed",
                fates.get(Caller.Fate.OVERFLOWED).sum(),
                "dropped",
                fates.get(Caller.Fate.DROPPED).sum());
        System.exit(0);
    }
}
