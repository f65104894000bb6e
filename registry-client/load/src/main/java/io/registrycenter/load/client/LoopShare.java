package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.registrycenter.load.wire.Connection;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The watchers of a pool on one event loop, their connections, and what they saw together. Confined to the loop, except
 * for {@link #tell} and {@link #reach}.
 */
final class LoopShare {
    private static final int SLOWEST_PERIOD_MS = 2;

    private final EventLoop loop;
    private final InetSocketAddress server;
    private final int receiveBytes;
    private final Tally tally = new Tally();
    private final List<Link> links = new ArrayList<>();
    private long bytesInOfCut;
    private volatile long slowest;

    /** One connection with its watchers. */
    private static final class Link {
        final List<Watcher> watchers = new ArrayList<>();

        @Nullable
        Connection connection;
    }

    LoopShare(EventLoop loop, InetSocketAddress server, int receiveBytes) {
        this.loop = loop;
        this.server = server;
        this.receiveBytes = receiveBytes;
    }

    /** Runs something on the loop and waits until it has run. Any other thread. */
    void tell(Runnable order) {
        Waits.done(CompletableFuture.runAsync(order, loop));
    }

    /** Begins to follow the slowest watcher; goes on until the loop ends. */
    // A task that fails shows as a writer that is never let go.
    @SuppressWarnings("FutureReturnValueIgnored")
    void followSlowest() {
        loop.scheduleAtFixedRate(this::findSlowest, 0, SLOWEST_PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void findSlowest() {
        long lowest = Long.MAX_VALUE;
        for (Link link : links) {
            for (Watcher watcher : link.watchers) {
                lowest = Math.min(lowest, watcher.applied());
            }
        }
        slowest = lowest;
    }

    /** The lowest revision that every watcher here has applied, a few milliseconds ago. Any thread. */
    long slowest() {
        return slowest;
    }

    Tally tally() {
        return tally;
    }

    /** Connects and subscribes so many more watchers of this service. */
    void add(int count, String namespace, String service) {
        Link link = new Link();
        for (int i = 0; i < count; i++) {
            link.watchers.add(new Watcher(tally, namespace, service));
        }
        links.add(link);
        connect(link);
    }

    /** Connects everything again after {@link #cut}. */
    void reconnect() {
        links.forEach(this::connect);
    }

    // Failures are told to the tally.
    @SuppressWarnings("FutureReturnValueIgnored")
    private void connect(Link link) {
        Connection.open(loop, server, receiveBytes)
                .thenAcceptAsync(
                        connection -> {
                            link.connection = connection;
                            link.watchers.forEach(watcher -> watcher.open(connection));
                        },
                        loop)
                .exceptionally(failure -> {
                    tally.fault("connect: " + failure.getMessage());
                    return null;
                });
    }

    void cut() {
        for (Link link : links) {
            link.watchers.forEach(Watcher::cutting);
            Connection connection = link.connection;
            if (connection != null) {
                bytesInOfCut += connection.bytesIn();
                connection.cut();
                link.connection = null;
            }
        }
    }

    /** Whether its connections are read. */
    void read(boolean wanted) {
        for (Link link : links) {
            Connection connection = link.connection;
            if (connection != null) {
                connection.read(wanted);
            }
        }
    }

    Counts counts() {
        long bytesIn = bytesInOfCut;
        for (Link link : links) {
            Connection connection = link.connection;
            bytesIn += connection == null ? 0 : connection.bytesIn();
        }
        return tally.counts(bytesIn);
    }

    /** Completes with {@link System#nanoTime} when the last watcher here has applied the revision. Any other thread. */
    CompletableFuture<Long> reach(long revision) {
        CompletableFuture<Long> reached = new CompletableFuture<>();
        tell(() -> reach(revision, reached));
        return reached;
    }

    private void reach(long revision, CompletableFuture<Long> reached) {
        int behind = 0;
        for (Link link : links) {
            for (Watcher watcher : link.watchers) {
                behind += watcher.applied() < revision ? 1 : 0;
            }
        }
        tally.reach(revision, behind, reached);
    }
}
