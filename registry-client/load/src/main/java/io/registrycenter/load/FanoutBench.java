package io.registrycenter.load;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.client.Arrivals;
import io.registrycenter.load.client.Counts;
import io.registrycenter.load.client.Latency;
import io.registrycenter.load.client.Waits;
import io.registrycenter.load.client.WatcherPool;
import io.registrycenter.load.client.Writers;
import io.registrycenter.load.measure.Figures;
import io.registrycenter.load.target.ProcStat;
import io.registrycenter.load.target.Target;
import java.util.List;
import java.util.Map;

/** The fan-out work against one target: watchers stay connected from round to round. Driven by one thread. */
final class FanoutBench {
    private static final String NAMESPACE = "load";

    private final Target target;
    private final Shape shape;
    private final WatcherPool pool;
    private final Writers writers;

    /** Of a service that nobody watches. */
    private final Writers unwatched;

    private long errors;

    /** The amounts of work; see the options of {@link FanoutCommand}. */
    record Shape(int watchers, int streams, int inFlight, int instances, int changing, int idle, int mostBehind) {

        /** Calls on one connection that leave the registry's limit of 200 alone. */
        private static final int CALLS_A_CONNECTION = 128;

        /** Each connection changes instances of its own. */
        int mostInFlight() {
            return CALLS_A_CONNECTION * instances;
        }

        /** Of the writers. */
        int connections() {
            return (inFlight + CALLS_A_CONNECTION - 1) / CALLS_A_CONNECTION;
        }

        /** Each of them holds by itself. */
        int mostBehindEach() {
            return Math.max(1, mostBehind / connections());
        }

        int changingEach() {
            return Math.max(1, changing / connections());
        }
    }

    /**
     * Medians of a paced round.
     *
     * @param unwatchedAckMs of changes that nobody is told of: what the commit takes, and the way there and back
     */
    record Medians(double unwatchedAckMs, double deliveryMs) {}

    FanoutBench(Target target, EventLoopGroup watching, EventLoopGroup writing, Shape shape) {
        this.target = target;
        this.shape = shape;
        writers = Writers.open(
                target.grpc(),
                writing,
                new Writers.Shape(NAMESPACE, "fanout", shape.connections(), shape.inFlight(), 1, shape.instances()));
        writers.registerAll();
        writers.changeOnly(shape.changingEach());
        unwatched = Writers.open(target.grpc(), writing, new Writers.Shape(NAMESPACE, "unwatched", 1, 1, 1, 1));
        unwatched.registerAll();
        pool = new WatcherPool(target.grpc(), watching, NAMESPACE, "fanout-0");
        pool.open(shape.watchers(), shape.streams());
        pool.followSlowest();
        if (shape.idle() > 0) {
            new WatcherPool(target.grpc(), watching, NAMESPACE, "idle-0").open(shape.idle(), shape.streams());
        }
    }

    void warm(double seconds) {
        writers.saturate(pool::slowest, shape.mostBehindEach());
        Waits.run(seconds);
        caughtUp(writers.stop());
    }

    /** Changes as fast as they are acknowledged, until every watcher has the last one. */
    void saturated(double seconds, Figures figures, int round) {
        Counts before = pool.counts();
        double cpu = target.cpuSeconds();
        double own = ProcStat.cpuSeconds(ProcessHandle.current().pid());
        long began = System.nanoTime();
        writers.saturate(pool::slowest, shape.mostBehindEach());
        Waits.run(seconds);
        Writers.Acked acked = writers.stop();
        double took = (caughtUp(acked) - began) / 1e9;
        cpu = target.cpuSeconds() - cpu;
        own = ProcStat.cpuSeconds(ProcessHandle.current().pid()) - own;
        Counts got = pool.counts().minus(before);
        String name = target.name();
        figures.add("fanout.effective_per_s", acked.calls() * (double) shape.watchers() / took, "1/s", name, round);
        figures.add("fanout.delivered_per_s", got.changes() / took, "1/s", name, round);
        figures.add("fanout.server_cpu_s_per_1m", cpu * 1e6 / got.changes(), "s", name, round);
        figures.add("fanout.server_cores", cpu / took, "cores", name, round);
        figures.add("fanout.generator_cores", own / took, "cores", name, round);
        figures.add("fanout.changes_per_s", acked.calls() / took, "1/s", name, round);
        figures.add("fanout.changes_per_message", got.changes() / (double) got.messages(), "", name, round);
        figures.add("fanout.saturated_ack_p50_ms", ms(acked, 50), "ms", name, round);
    }

    /** One change at a time. */
    Medians paced(double rate, double seconds, Figures figures, int round) {
        double unwatchedAckMs = pacedUnwatched(rate, seconds);
        List<Arrivals> arrivals = pool.noteArrivals();
        Counts before = pool.counts();
        double cpu = target.cpuSeconds();
        writers.pace(rate);
        Waits.run(seconds);
        Writers.Acked acked = writers.stop();
        caughtUp(acked);
        cpu = target.cpuSeconds() - cpu;
        pool.stopArrivals();
        Counts got = pool.counts().minus(before);
        Latency latency = Latency.join(acked.sends(), arrivals);
        double delivery = latency.delivery().getValueAtPercentile(50) / 1e6;
        String name = target.name();
        figures.add("fanout.unwatched_ack_p50_ms", unwatchedAckMs, "ms", name, round);
        figures.add("fanout.ack_p50_ms", ms(acked, 50), "ms", name, round);
        figures.add("fanout.delivery_p50_ms", delivery, "ms", name, round);
        figures.add("fanout.delivery_p99_ms", latency.delivery().getValueAtPercentile(99) / 1e6, "ms", name, round);
        figures.add("fanout.last_watcher_p50_ms", latency.last().getValueAtPercentile(50) / 1e6, "ms", name, round);
        figures.add("fanout.paced_server_cpu_s_per_1m", cpu * 1e6 / got.changes(), "s", name, round);
        return new Medians(unwatchedAckMs, delivery);
    }

    private double pacedUnwatched(double rate, double seconds) {
        unwatched.pace(rate);
        Waits.run(seconds);
        Writers.Acked acked = unwatched.stop();
        noteErrors(acked);
        return ms(acked, 50);
    }

    /** Whether nothing was lost on the way; prints what was. */
    boolean check(Figures figures) {
        Counts all = pool.counts();
        Map<String, Object> of = Map.of("target", target.name());
        figures.print("fanout.gaps", (double) all.gaps(), "deltas", of);
        figures.print("fanout.lost_watchers", (double) all.lost(), "watchers", of);
        figures.print("fanout.errors", (double) errors, "calls", of);
        String fault = pool.firstFault();
        if (!fault.isEmpty()) {
            System.err.println("registry-load: first fault of a watcher of the " + target.name() + ": " + fault);
        }
        return all.gaps() == 0 && all.lost() == 0 && errors == 0;
    }

    void goodbye() {
        unwatched.goodbye();
        writers.goodbye();
    }

    private long caughtUp(Writers.Acked acked) {
        noteErrors(acked);
        return Waits.get(pool.reach(acked.maxRevision()));
    }

    private void noteErrors(Writers.Acked acked) {
        errors += acked.errors();
        if (acked.errors() > 0) {
            System.err.println("registry-load: " + acked.errors() + " calls to the " + target.name()
                    + " failed, the first with " + acked.firstError());
        }
    }

    private static double ms(Writers.Acked acked, double percentile) {
        return acked.latency().getValueAtPercentile(percentile) / 1e6;
    }
}
