package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.client.Arrivals;
import io.registrycenter.load.client.Counts;
import io.registrycenter.load.client.Latency;
import io.registrycenter.load.client.Waits;
import io.registrycenter.load.client.WatcherPool;
import io.registrycenter.load.client.Writers;
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

/** What one watcher that takes nothing costs all others: the same load with and without it, in turns. */
@Command(
        name = "stalled",
        description =
                "One watcher whose socket is not read among many: what the others wait, and what the server holds.")
final class StalledCommand implements Callable<Integer> {
    private static final String NAMESPACE = "load";
    private static final String SERVICE = "stalled-0";

    /** Little, so that the server soon feels that nothing is taken. */
    private static final int STALLED_RECEIVE_BYTES = 8 * 1024;

    @Mixin
    RunOptions run = new RunOptions();

    @Option(names = "--watchers", description = "That are read, all of one service; default: 100, full 999.")
    @Nullable
    Integer watchers;

    @Option(
            names = "--streams-per-connection",
            defaultValue = "50",
            description = "Watchers on each connection, 1..100 (default: ${DEFAULT-VALUE}).")
    int streams;

    @Option(
            names = "--rate",
            defaultValue = "20",
            description = "Changes a second when latency is measured (default: ${DEFAULT-VALUE}).")
    double rate;

    @Option(
            names = "--fill-seconds",
            defaultValue = "12",
            description = "Changes as fast as they are acknowledged before that, enough to fill what the kernel holds"
                    + " for the socket that is not read, some megabytes; with --seconds below the server's stall"
                    + " timeout (default: ${DEFAULT-VALUE}).")
    double fillSeconds;

    @Option(
            names = "--most-behind",
            defaultValue = "1024",
            description = "Then the writer holds while so many changes are not yet with those that are read"
                    + " (default: ${DEFAULT-VALUE}).")
    int mostBehind;

    /** A phase: what those that are read waited, and what the server held. */
    private record Phase(long changes, double p50Ms, double p99Ms, double heapMb) {}

    @Override
    public Integer call() {
        int count = watchers == null ? run.size.of(100, 999) : watchers;
        Map<String, Object> params = run.params();
        params.put("watchers", count);
        params.put("streams_per_connection", streams);
        params.put("rate_per_s", rate);
        params.put("fill_s", fillSeconds);
        Figures figures = run.figures(params);
        boolean valid = true;
        try (RunOptions.Servers servers = run.start()) {
            for (Target target : servers.targets()) {
                valid &= measure(target, count, figures);
            }
        }
        figures.summary();
        return valid ? 0 : 1;
    }

    private boolean measure(Target target, int count, Figures figures) {
        EventLoopGroup watching = Loops.group("watchers", 1);
        Writers writers = Writers.open(
                target.grpc(), Loops.group("writers", 1), new Writers.Shape(NAMESPACE, "stalled", 1, 64, 1, 1));
        writers.registerAll();
        WatcherPool pool = new WatcherPool(target.grpc(), watching, NAMESPACE, SERVICE);
        pool.open(count, streams);
        pool.followSlowest();
        WatcherPool stalled = new WatcherPool(target.grpc(), watching, NAMESPACE, SERVICE, STALLED_RECEIVE_BYTES);
        stalled.open(1, 1);
        writers.saturate(pool::slowest, mostBehind);
        Waits.run(run.warmUp());
        caughtUp(pool, writers.stop());
        boolean behind = true;
        for (int round = 0; round < run.pairs(); round++) {
            Phase without = phase(target, pool, writers);
            stalled.read(false);
            Counts had = stalled.counts();
            Phase with = phase(target, pool, writers);
            stalled.read(true);
            caughtUp(stalled, writers.changeOnce());
            Counts told = stalled.counts().minus(had);
            // Told every single change, it had them in its kernel: the server never felt that it took nothing.
            behind &= told.changes() < with.changes();
            String name = target.name();
            figures.add("stalled.others_p50_ms_without", without.p50Ms(), "ms", name, round);
            figures.add("stalled.others_p50_ms_with", with.p50Ms(), "ms", name, round);
            figures.add("stalled.others_p50_with_to_without", with.p50Ms() / without.p50Ms(), "", name, round);
            figures.add("stalled.others_p99_with_to_without", with.p99Ms() / without.p99Ms(), "", name, round);
            figures.add("stalled.live_heap_mb_without", without.heapMb(), "MB", name, round);
            figures.add("stalled.live_heap_mb_with", with.heapMb(), "MB", name, round);
            figures.add("stalled.changes_made", (double) with.changes(), "changes", name, round);
            figures.add("stalled.changes_told_afterwards", (double) told.changes(), "changes", name, round);
        }
        long lost = pool.counts().lost() + stalled.counts().lost();
        long gaps = pool.counts().gaps() + stalled.counts().gaps();
        figures.print("stalled.lost_watchers", (double) lost, "watchers", Map.of("target", target.name()));
        figures.print("stalled.gaps", (double) gaps, "deltas", Map.of("target", target.name()));
        if (!behind) {
            System.err.println("registry-load: the " + target.name()
                    + " never felt the watcher stall, so these figures say" + " nothing: raise --fill-seconds");
        }
        writers.goodbye();
        return lost == 0 && gaps == 0 && behind;
    }

    private Phase phase(Target target, WatcherPool pool, Writers writers) {
        writers.saturate(pool::slowest, mostBehind);
        Waits.run(fillSeconds);
        Writers.Acked filled = writers.stop();
        caughtUp(pool, filled);
        List<Arrivals> arrivals = pool.noteArrivals();
        writers.pace(rate);
        Waits.run(run.seconds());
        Writers.Acked acked = writers.stop();
        caughtUp(pool, acked);
        pool.stopArrivals();
        Latency latency = Latency.join(acked.sends(), arrivals);
        return new Phase(
                filled.calls() + acked.calls(),
                latency.delivery().getValueAtPercentile(50) / 1e6,
                latency.delivery().getValueAtPercentile(99) / 1e6,
                Jcmd.liveHeapBytes(target.pid()) / 1e6);
    }

    private static void caughtUp(WatcherPool pool, Writers.Acked acked) {
        if (acked.errors() > 0) {
            throw new IllegalStateException(acked.errors() + " calls failed, the first with " + acked.firstError());
        }
        caughtUp(pool, acked.maxRevision());
    }

    private static void caughtUp(WatcherPool pool, long revision) {
        Waits.get(pool.reach(revision));
    }
}
