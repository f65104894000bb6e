package io.registrycenter.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.wire.Loops;
import io.registrycenter.load.yardstick.YardstickServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The generator against the yardstick, over real sockets in one process. */
class LoadTest {
    private final EventLoopGroup loops = Loops.group("test", 2);
    private final YardstickServer server = start();
    private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());

    private static YardstickServer start() {
        try {
            return YardstickServer.start(0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // The loops are daemon threads: nobody waits for their end.
    @SuppressWarnings("FutureReturnValueIgnored")
    @AfterEach
    void stop() {
        server.close();
        loops.shutdownGracefully();
    }

    private Writers writers(int connections, int services, int instances) {
        return Writers.open(
                address, loops, new Writers.Shape("load", "s", connections, 8 * connections, services, instances));
    }

    @Test
    void registerAll_manyConnections_acknowledgesEveryInstanceOnce() {
        Writers.Acked acked = writers(3, 4, 25).registerAll();

        assertThat(acked.calls()).isEqualTo(100);
        assertThat(acked.errors()).isZero();
        assertThat(acked.maxRevision()).isEqualTo(100);
        assertThat(acked.latency().getTotalCount()).isEqualTo(100);
    }

    @Test
    void every_watcher_gets_every_change_without_a_gap() {
        Writers writers = writers(1, 1, 500);
        WatcherPool pool = new WatcherPool(address, loops, "load", "s-0");
        pool.open(70, 20);
        List<Arrivals> arrivals = pool.noteArrivals();

        Writers.Acked acked = writers.registerAll();
        Waits.get(pool.reach(acked.maxRevision()));

        Counts counts = pool.counts();
        assertThat(counts.changes()).isEqualTo(70 * 500);
        assertThat(counts.gaps()).isZero();
        assertThat(counts.lost()).isZero();
        assertThat(arrivals.stream().mapToInt(Arrivals::size).sum()).isEqualTo(70 * 500);
    }

    @Test
    void watchers_that_were_cut_resume_with_exactly_what_they_missed() {
        Writers writers = writers(1, 1, 10);
        writers.registerAll();
        WatcherPool pool = new WatcherPool(address, loops, "load", "s-0");
        pool.open(30, 7);
        pool.cut();
        Counts before = pool.counts();
        writers.changeOnce();
        long revision = writers.changeOnce();

        CompletableFuture<Long> reached = pool.reach(revision);
        pool.reconnect();
        Waits.get(reached);

        Counts got = pool.counts().minus(before);
        assertThat(got.changes()).isEqualTo(60);
        assertThat(got.gaps()).isZero();
        assertThat(got.lost()).isZero();
        assertThat(got.bytesIn()).isPositive();
    }

    @Test
    void a_watcher_whose_server_goes_away_is_counted_as_lost() {
        WatcherPool pool = new WatcherPool(address, loops, "load", "s-0");
        pool.open(5, 5);

        server.close();
        Waits.until("lost", () -> pool.counts().lost() == 5, pool::firstFault);

        assertThat(pool.firstFault()).isNotEmpty();
    }

    @Test
    void holds_slowestBehind_holdsUntilItHasCaughtUp() {
        long[] slowest = {10};
        Brake brake = new Brake(() -> slowest[0], 2);
        brake.acked(11);
        assertThat(brake.holds()).isFalse();
        brake.acked(12);
        assertThat(brake.holds()).isTrue();

        slowest[0] = 11;

        assertThat(brake.holds()).isFalse();
    }
}
