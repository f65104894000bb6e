package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.client.Waits;
import io.registrycenter.load.client.Writers;
import io.registrycenter.load.etcd.BareTransactions;
import io.registrycenter.load.etcd.EtcdClient;
import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.ProcStat;
import io.registrycenter.load.target.Target;
import io.registrycenter.load.wire.Loops;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How many registrations are acknowledged, how fast, and what they cost. */
@Command(name = "register", description = "Register calls in flight all the time, every one a change.")
final class RegisterCommand implements Callable<Integer> {
    @Mixin
    RunOptions run = new RunOptions();

    @Option(names = "--in-flight", defaultValue = "64", description = "Calls in flight (default: ${DEFAULT-VALUE}).")
    int inFlight;

    @Option(names = "--connections", defaultValue = "8", description = "Each a session (default: ${DEFAULT-VALUE}).")
    int connections;

    @Option(names = "--services", description = "Default: 10, full 100.")
    @Nullable
    Integer services;

    @Option(names = "--instances", description = "Of each service; default: 20, full 200.")
    @Nullable
    Integer instances;

    @Override
    public Integer call() {
        Writers.Shape shape = new Writers.Shape(
                "load",
                "register",
                connections,
                inFlight,
                services == null ? run.size.of(10, 100) : services,
                instances == null ? run.size.of(20, 200) : instances);
        Map<String, Object> params = run.params();
        params.put("in_flight", inFlight);
        params.put("connections", connections);
        params.put("services", shape.services());
        params.put("instances", shape.instances());
        Figures figures = run.figures(params);
        EventLoopGroup loops = Loops.group("writers", 1);
        try (RunOptions.Servers servers = run.start(run.targets)) {
            Map<Target, Writers> writers = new LinkedHashMap<>();
            for (Target target : servers.targets()) {
                Writers opened = open(target, loops, shape);
                writers.put(target, opened);
                opened.saturate();
                Waits.run(run.warmUp());
                opened.stop();
            }
            long errors = 0;
            for (int round = 0; round < run.pairs(); round++) {
                for (Map.Entry<Target, Writers> each : writers.entrySet()) {
                    errors += round(each.getKey(), each.getValue(), figures, round);
                }
            }
            figures.summary();
            writers.values().forEach(Writers::goodbye);
            return errors == 0 ? 0 : 1;
        }
    }

    private static Writers open(Target target, EventLoopGroup loops, Writers.Shape shape) {
        if (!target.name().equals(Target.ETCD)) {
            Writers writers = Writers.open(target.grpc(), loops, shape);
            writers.registerAll();
            return writers;
        }
        try (EtcdClient etcd = new EtcdClient(target.grpc())) {
            return Writers.bare(target.grpc(), loops, shape, BareTransactions.of(etcd));
        }
    }

    private long round(Target target, Writers writers, Figures figures, int round) {
        writers.saturate();
        Waits.run(0.2);
        writers.take();
        long began = System.nanoTime();
        double cpu = target.cpuSeconds();
        double own = ProcStat.cpuSeconds(ProcessHandle.current().pid());
        Waits.run(run.seconds());
        Writers.Acked acked = writers.take();
        double seconds = (System.nanoTime() - began) / 1e9;
        cpu = target.cpuSeconds() - cpu;
        own = ProcStat.cpuSeconds(ProcessHandle.current().pid()) - own;
        long errors = acked.errors() + writers.stop().errors();
        String name = target.name();
        figures.add("register.acked_per_s", acked.calls() / seconds, "1/s", name, round);
        figures.add("register.p50_ms", acked.latency().getValueAtPercentile(50) / 1e6, "ms", name, round);
        figures.add("register.p99_ms", acked.latency().getValueAtPercentile(99) / 1e6, "ms", name, round);
        figures.add("register.server_cpu_us_per_op", cpu * 1e6 / acked.calls(), "us", name, round);
        figures.add("register.server_cores", cpu / seconds, "cores", name, round);
        figures.add("register.generator_cores", own / seconds, "cores", name, round);
        figures.add("register.errors", (double) errors, "calls", name, round);
        if (errors > 0) {
            System.err.println("registry-load: " + errors + " calls failed, the first with " + acked.firstError());
        }
        return errors;
    }
}
