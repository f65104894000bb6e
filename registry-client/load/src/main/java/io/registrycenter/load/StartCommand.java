package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.client.Writers;
import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.ChildServer;
import io.registrycenter.load.target.Jcmd;
import io.registrycenter.load.target.ProcStat;
import io.registrycenter.load.target.Target;
import io.registrycenter.load.wire.Loops;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long the registry takes to start, with and without data, and what it takes when it does nothing. */
@Command(name = "start", description = "Starts the registry again and again, on an empty and on a filled directory.")
final class StartCommand implements Callable<Integer> {
    @Mixin
    RunOptions run = new RunOptions();

    @Option(names = "--services", description = "In the filled directory; default: 10, full 100.")
    @Nullable
    Integer services;

    @Option(names = "--instances", description = "Of each service; default: 20, full 200.")
    @Nullable
    Integer instances;

    @Override
    public Integer call() throws IOException {
        Writers.Shape shape = new Writers.Shape(
                "load",
                "start",
                8,
                64,
                services == null ? run.size.of(10, 100) : services,
                instances == null ? run.size.of(20, 200) : instances);
        // the heap and the start are those of a server with no flags
        List<String> flags = run.serverJvm.equals(List.of("-Xmx1g")) ? List.of() : run.serverJvm;
        Map<String, Object> params = run.params();
        params.put("filled_instances", shape.services() * shape.instances());
        Figures figures = run.figures(params);
        EventLoopGroup loops = Loops.group("writers", 1);
        try (Scratch scratch = Scratch.make()) {
            for (int round = 0; round < run.pairs(); round++) {
                once(flags, scratch.directory("empty-" + round), "start.empty", figures, round);
            }
            Path filled = scratch.directory("filled");
            try (ChildServer server = ChildServer.registry(run.serverJar(), flags, filled)) {
                // no goodbye: the server goes first, so the instances stay
                Writers.open(server.target().grpc(), loops, shape).registerAll();
            }
            for (int round = 0; round < run.pairs(); round++) {
                once(flags, filled, "start.filled", figures, round);
            }
        }
        figures.summary();
        return 0;
    }

    private void once(List<String> flags, Path data, String name, Figures figures, int round) {
        long stopping;
        try (ChildServer server = ChildServer.registry(run.serverJar(), flags, data)) {
            long pid = server.target().pid();
            figures.add(name + ".ready_ms", server.readyMs(), "ms", Target.REGISTRY, round);
            figures.add(name + ".cpu_s", server.target().cpuSeconds(), "s", Target.REGISTRY, round);
            figures.add(name + ".rss_mb", ProcStat.residentBytes(pid) / 1e6, "MB", Target.REGISTRY, round);
            figures.add(name + ".live_heap_mb", Jcmd.liveHeapBytes(pid) / 1e6, "MB", Target.REGISTRY, round);
            stopping = System.nanoTime();
        }
        figures.add(name + ".stop_ms", (System.nanoTime() - stopping) / 1e6, "ms", Target.REGISTRY, round);
    }
}
