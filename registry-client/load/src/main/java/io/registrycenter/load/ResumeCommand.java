package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.client.Counts;
import io.registrycenter.load.client.Waits;
import io.registrycenter.load.client.WatcherPool;
import io.registrycenter.load.client.Writers;
import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.Target;
import io.registrycenter.load.wire.Loops;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long it takes until watchers that were cut at once have what they missed. */
@Command(name = "resume", description = "Cuts all watchers, makes one change, and lets them resume from their cursors.")
final class ResumeCommand implements Callable<Integer> {
    /** Until a server has noticed that the connections are gone. */
    private static final double SETTLE_SECONDS = 1;

    @Mixin
    RunOptions run = new RunOptions();

    @Option(names = "--watchers", description = "Default: 500, full 5000.")
    @Nullable
    Integer watchers;

    @Option(
            names = "--streams-per-connection",
            defaultValue = "1",
            description = "Watchers on each connection, 1..100 (default: ${DEFAULT-VALUE}).")
    int streams;

    @Option(names = "--warm-rounds", defaultValue = "2", description = "Not counted (default: ${DEFAULT-VALUE}).")
    int warmRounds;

    private record Side(WatcherPool pool, Writers writers) {}

    @Override
    public Integer call() {
        int count = watchers == null ? run.size.of(500, 5000) : watchers;
        Map<String, Object> params = run.params();
        params.put("watchers", count);
        params.put("streams_per_connection", streams);
        Figures figures = run.figures(params);
        EventLoopGroup loops = Loops.group("watchers", 1);
        try (RunOptions.Servers servers = run.start()) {
            Map<Target, Side> sides = new LinkedHashMap<>();
            for (Target target : servers.targets()) {
                Writers writers = Writers.open(target.grpc(), loops, new Writers.Shape("load", "resume", 1, 1, 1, 1));
                writers.registerAll();
                WatcherPool pool = new WatcherPool(target.grpc(), loops, "load", "resume-0");
                pool.open(count, streams);
                sides.put(target, new Side(pool, writers));
            }
            for (int round = -warmRounds; round < run.pairs(); round++) {
                for (Map.Entry<Target, Side> each : sides.entrySet()) {
                    round(each.getKey(), each.getValue(), figures, round);
                }
            }
            boolean valid = true;
            for (Map.Entry<Target, Side> each : sides.entrySet()) {
                Counts all = each.getValue().pool().counts();
                Map<String, Object> of = Map.of("target", each.getKey().name());
                figures.print("resume.gaps", (double) all.gaps(), "deltas", of);
                figures.print("resume.lost_watchers", (double) all.lost(), "watchers", of);
                valid &= all.gaps() == 0 && all.lost() == 0;
                each.getValue().writers().goodbye();
            }
            figures.summary();
            return valid ? 0 : 1;
        }
    }

    private static void round(Target target, Side side, Figures figures, int round) {
        WatcherPool pool = side.pool();
        pool.cut();
        Waits.run(SETTLE_SECONDS);
        long revision = side.writers().changeOnce();
        Counts before = pool.counts();
        double cpu = target.cpuSeconds();
        CompletableFuture<Long> reached = pool.reach(revision);
        long began = System.nanoTime();
        pool.reconnect();
        double ms = (Waits.get(reached) - began) / 1e6;
        Waits.run(SETTLE_SECONDS);
        cpu = target.cpuSeconds() - cpu;
        Counts got = pool.counts().minus(before);
        if (round >= 0) {
            String name = target.name();
            figures.add("resume.ms", ms, "ms", name, round);
            figures.add("resume.server_cpu_s", cpu, "s", name, round);
            figures.add("resume.kb_per_watcher", got.bytesIn() / 1024.0 / pool.size(), "KB", name, round);
            figures.add("resume.changes_per_watcher", got.changes() / (double) pool.size(), "", name, round);
        }
    }
}
