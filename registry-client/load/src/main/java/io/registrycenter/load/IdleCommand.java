package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.client.WatcherPool;
import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.Jcmd;
import io.registrycenter.load.target.Target;
import io.registrycenter.load.wire.Loops;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a watcher that is told nothing costs the server's heap: the slope between a few and many. */
@Command(name = "idle", description = "Live heap of the server for each idle watcher, after a full collection.")
final class IdleCommand implements Callable<Integer> {
    @Mixin
    RunOptions run = new RunOptions();

    @Option(names = "--watchers", description = "Default: 500, full 5000.")
    @Nullable
    Integer watchers;

    @Option(
            names = "--streams-per-connection",
            split = ",",
            defaultValue = "50,1",
            description = "Each measured on fresh servers (default: ${DEFAULT-VALUE}).")
    List<Integer> streams = List.of();

    @Override
    public Integer call() {
        int count = watchers == null ? run.size.of(500, 5000) : watchers;
        Map<String, Object> params = run.params();
        params.put("watchers", count);
        Figures figures = run.figures(params);
        EventLoopGroup loops = Loops.group("watchers", 1);
        for (int perConnection : streams) {
            try (RunOptions.Servers servers = run.start()) {
                for (Target target : servers.targets()) {
                    measure(target, loops, count, perConnection, figures);
                }
            }
        }
        figures.summary();
        return 0;
    }

    private static void measure(Target target, EventLoopGroup loops, int count, int perConnection, Figures figures) {
        int few = Math.max(perConnection, count / 5 / perConnection * perConnection);
        WatcherPool pool = new WatcherPool(target.grpc(), loops, "load", "idle-0");
        pool.open(few, perConnection);
        long before = Jcmd.liveHeapBytes(target.pid());
        pool.open(count - few, perConnection);
        long after = Jcmd.liveHeapBytes(target.pid());
        double kilobytes = (after - before) / 1024.0 / (count - few);
        figures.add("idle.heap_kb_per_watcher.streams_" + perConnection, kilobytes, "KB", target.name(), 0);
        pool.cut();
    }
}
