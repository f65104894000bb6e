package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.client.Providers;
import io.registrycenter.load.client.Waits;
import io.registrycenter.load.etcd.EtcdClient;
import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.Target;
import io.registrycenter.load.wire.Loops;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What etcd is given to write while sessions only live: the same for a few as for many. */
@Command(
        name = "steady",
        description =
                "Sessions on etcd with an instance each that heartbeat and change nothing: writes to etcd meanwhile.")
final class SteadyCommand implements Callable<Integer> {
    private static final int SESSIONS_PER_CONNECTION = 50;

    @Mixin
    RunOptions run = new RunOptions();

    @Option(
            names = "--sessions",
            split = ",",
            defaultValue = "10,1000",
            description = "How many there are, one after the other, growing (default: ${DEFAULT-VALUE}).")
    List<Integer> sessions = List.of();

    @Override
    public Integer call() {
        // The server writes a tick every 5 s: less than a few of them is no rate.
        int seconds = run.seconds == null ? run.size.of(20, 60) : run.seconds;
        Map<String, Object> params = run.params();
        params.put("seconds", seconds);
        Figures figures = run.figures(params);
        EventLoopGroup loops = Loops.group("providers", 1);
        try (RunOptions.Servers servers = run.start(List.of(RunOptions.Kind.REGISTRY_ETCD));
                EtcdClient etcd = new EtcdClient(servers.etcd().grpc())) {
            Target registry = servers.targets().getFirst();
            List<Providers> opened = new ArrayList<>();
            int count = 0;
            for (int wanted : sessions) {
                opened.add(Providers.open(
                        registry.grpc(), loops, "instance-" + count, wanted - count, SESSIONS_PER_CONNECTION));
                count = wanted;
                measure(opened, count, seconds, servers, etcd, figures);
            }
            figures.summary();
            opened.forEach(Providers::goodbye);
        }
        return 0;
    }

    private static void measure(
            List<Providers> opened,
            int count,
            int seconds,
            RunOptions.Servers servers,
            EtcdClient etcd,
            Figures figures) {
        Target registry = servers.targets().getFirst();
        long heartbeats = heartbeats(opened);
        double cpu = registry.cpuSeconds();
        double etcdCpu = servers.etcd().cpuSeconds();
        long revision = etcd.revision();
        long began = System.nanoTime();
        Waits.run(seconds);
        double took = (System.nanoTime() - began) / 1e9;
        revision = etcd.revision() - revision;
        cpu = registry.cpuSeconds() - cpu;
        etcdCpu = servers.etcd().cpuSeconds() - etcdCpu;
        heartbeats = heartbeats(opened) - heartbeats;
        String of = ".sessions_" + count;
        String name = registry.name();
        figures.add("steady.etcd_writes_per_s" + of, revision / took, "1/s", name, 0);
        figures.add("steady.etcd_writes" + of, (double) revision, "revisions", name, 0);
        figures.add("steady.heartbeats_per_s" + of, heartbeats / took, "1/s", name, 0);
        figures.add("steady.server_cores" + of, cpu / took, "cores", name, 0);
        figures.add("steady.etcd_cores" + of, etcdCpu / took, "cores", name, 0);
    }

    private static long heartbeats(List<Providers> opened) {
        return opened.stream().mapToLong(Providers::heartbeats).sum();
    }
}
