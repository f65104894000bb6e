package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.Target;
import io.registrycenter.load.wire.Loops;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What it costs to tell every watcher of a service about every change, and how long it takes. */
@Command(
        name = "fanout",
        description = "Watchers of one service: changes as fast as they are acknowledged, then at a low rate.")
final class FanoutCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(names = "--watchers", description = "Watchers of the service; default: 100, full 1000.")
    @Nullable
    Integer watchers;

    @Option(
            names = "--streams-per-connection",
            defaultValue = "50",
            description = "Watchers on each connection, 1..100 (default: ${DEFAULT-VALUE}).")
    int streams;

    @Option(
            names = "--in-flight",
            defaultValue = "64",
            description = "Changes not yet acknowledged when saturated (default: ${DEFAULT-VALUE}).")
    int inFlight;

    @Option(
            names = "--rate",
            defaultValue = "20",
            description = "Changes a second when latency is measured (default: ${DEFAULT-VALUE}).")
    double rate;

    @Option(
            names = "--instances",
            defaultValue = "1",
            description = "Instances in the service (default: ${DEFAULT-VALUE}).")
    int instances;

    @Option(
            names = "--changing",
            defaultValue = "1",
            description = "How many of them change, in turns (default: ${DEFAULT-VALUE}); on etcd the changes of one"
                    + " instance wait for each other.")
    int changing;

    @Option(
            names = "--idle-watchers",
            defaultValue = "0",
            description = "More watchers, of a service that does not change (default: ${DEFAULT-VALUE}).")
    int idle;

    @Option(
            names = "--most-behind",
            defaultValue = "1024",
            description = "When saturated, the writer holds while so many acknowledged changes are not yet delivered"
                    + " everywhere (default: ${DEFAULT-VALUE}, below the registry's coalesce limit).")
    int mostBehind;

    @Override
    public Integer call() {
        int count = watchers == null ? run.size.of(100, 1000) : watchers;
        FanoutBench.Shape shape =
                new FanoutBench.Shape(count, streams, inFlight, instances, changing, idle, mostBehind);
        if (inFlight < 1 || inFlight > shape.mostInFlight()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--in-flight must be 1.." + shape.mostInFlight() + " with --instances " + instances + ", was "
                            + inFlight);
        }
        Map<String, Object> params = run.params();
        params.put("watchers", count);
        params.put("streams_per_connection", streams);
        params.put("in_flight", inFlight);
        params.put("rate_per_s", rate);
        params.put("instances", instances);
        params.put("changing", changing);
        params.put("idle_watchers", idle);
        params.put("most_behind", mostBehind);
        Figures figures = run.figures(params);
        EventLoopGroup watching = Loops.group("watchers", 1);
        EventLoopGroup writing = Loops.group("writers", 1);
        try (RunOptions.Servers servers = run.start()) {
            Map<Target, FanoutBench> benches = new LinkedHashMap<>();
            for (Target target : servers.targets()) {
                FanoutBench bench = new FanoutBench(target, watching, writing, shape);
                bench.warm(run.warmUp());
                benches.put(target, bench);
            }
            boolean valid = true;
            for (int round = 0; round < run.pairs(); round++) {
                for (FanoutBench bench : benches.values()) {
                    bench.saturated(run.seconds(), figures, round);
                }
                Map<Target, FanoutBench.Medians> medians = new LinkedHashMap<>();
                for (Map.Entry<Target, FanoutBench> each : benches.entrySet()) {
                    medians.put(each.getKey(), each.getValue().paced(rate, run.seconds(), figures, round));
                }
                withoutCommit(medians, figures, round);
            }
            for (FanoutBench bench : benches.values()) {
                valid &= bench.check(figures);
            }
            figures.summary();
            benches.values().forEach(FanoutBench::goodbye);
            return valid ? 0 : 1;
        }
    }

    /** The registry's delivery less what an unwatched acknowledgement takes longer than the yardstick's: the durable commit. */
    private static void withoutCommit(Map<Target, FanoutBench.Medians> medians, Figures figures, int round) {
        double bareAck = medians.entrySet().stream()
                .filter(each -> each.getKey().name().equals(Target.YARDSTICK))
                .mapToDouble(each -> each.getValue().unwatchedAckMs())
                .findFirst()
                .orElse(Double.NaN);
        if (Double.isNaN(bareAck) || medians.size() < 2) {
            return;
        }
        medians.forEach((target, median) -> figures.add(
                "fanout.delivery_p50_less_commit_ms",
                median.deliveryMs() - Math.max(0, median.unwatchedAckMs() - bareAck),
                "ms",
                target.name(),
                round));
    }
}
