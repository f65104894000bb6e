package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Watchers of one service, many on a connection, spread over the loops of a group. Driven by one thread; what it reads
 * is read on the loops.
 */
public final class WatcherPool {
    private final List<LoopShare> shares = new ArrayList<>();
    private final String namespace;
    private final String service;
    private int watchers;

    public WatcherPool(InetSocketAddress server, EventLoopGroup group, String namespace, String service) {
        this(server, group, namespace, service, 0);
    }

    /** @param receiveBytes what the kernel may hold unread for each connection; 0: its own choice */
    public WatcherPool(
            InetSocketAddress server, EventLoopGroup group, String namespace, String service, int receiveBytes) {
        this.namespace = namespace;
        this.service = service;
        for (EventExecutor loop : group) {
            shares.add(new LoopShare((EventLoop) loop, server, receiveBytes));
        }
    }

    public int size() {
        return watchers;
    }

    /** Connects more watchers and waits until each has its first answer. */
    public void open(int count, int streamsPerConnection) {
        int links = 0;
        for (int done = 0; done < count; done += streamsPerConnection) {
            LoopShare share = shares.get(links++ % shares.size());
            int here = Math.min(streamsPerConnection, count - done);
            share.tell(() -> share.add(here, namespace, service));
        }
        watchers += count;
        Waits.until("watchers live", () -> live() >= watchers, this::firstFault);
    }

    /** Cuts every connection; the watchers keep their cursors. */
    public void cut() {
        tell(LoopShare::cut);
        Waits.until("watchers cut", () -> live() == 0, this::firstFault);
    }

    /** Connects every watcher again, from its cursor; does not wait for answers. */
    public void reconnect() {
        tell(LoopShare::reconnect);
    }

    /** Stops to read the watchers' sockets, or reads them again: a client that hangs. */
    public void read(boolean wanted) {
        tell(share -> share.read(wanted));
    }

    /** Completes with {@link System#nanoTime} of the moment at which the last watcher has applied the revision. */
    public CompletableFuture<Long> reach(long revision) {
        CompletableFuture<Long> all = CompletableFuture.completedFuture(0L);
        for (LoopShare share : shares) {
            all = all.thenCombine(share.reach(revision), Math::max);
        }
        return all;
    }

    /** Starts to note when each delta arrives. */
    public List<Arrivals> noteArrivals() {
        return ask(share -> {
            Arrivals arrivals = new Arrivals();
            share.tally().arrivals(arrivals);
            return arrivals;
        });
    }

    public void stopArrivals() {
        tell(share -> share.tally().arrivals(null));
    }

    public Counts counts() {
        return ask(LoopShare::counts).stream().reduce(Counts.ZERO, Counts::plus);
    }

    /** The first thing that went wrong for any watcher, or an empty string. */
    public String firstFault() {
        return ask(share -> share.tally().firstFault()).stream()
                .filter(fault -> !fault.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** Begins to follow the slowest watcher, for {@link #slowest}. */
    public void followSlowest() {
        tell(LoopShare::followSlowest);
    }

    /** The lowest revision that every watcher has applied, a few milliseconds ago. Any thread. */
    public long slowest() {
        long lowest = Long.MAX_VALUE;
        for (LoopShare share : shares) {
            lowest = Math.min(lowest, share.slowest());
        }
        return lowest;
    }

    private int live() {
        return ask(share -> share.tally().live()).stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    private void tell(Consumer<LoopShare> order) {
        shares.forEach(share -> share.tell(() -> order.accept(share)));
    }

    private <T> List<T> ask(Function<LoopShare, T> question) {
        List<T> answers = new ArrayList<>();
        for (LoopShare share : shares) {
            AtomicReference<T> answer = new AtomicReference<>();
            share.tell(() -> answer.set(question.apply(share)));
            answers.add(Objects.requireNonNull(answer.get()));
        }
        return answers;
    }
}
