package io.registrycenter.e2e.history;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that write at the same time, on all servers, at a gentle pace, whenever they are told to; their sessions live all the
 * time. For the test's thread.
 */
public final class Writers implements AutoCloseable {

    /** The metadata entry that has the id of the request which registered the instance. */
    public static final String TOKEN = "token";

    private static final Duration PACE = Duration.ofMillis(20);
    private static final long PATIENCE_SECONDS = 60;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sessions of writers").factory());
    private final List<ManagedChannel> servers;
    private final List<SessionLink> links = new ArrayList<>();
    private final List<Writer> writers = new ArrayList<>();
    private final Queue<Operation> recorded = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final List<CompletableFuture<Void>> ends = new ArrayList<>();

    private Writers(List<String> targets) {
        servers = targets.stream()
                .map(target ->
                        NettyChannelBuilder.forTarget(target).usePlaintext().build())
                .toList();
    }

    /**
     * Opens a session for each.
     *
     * @param shared how many instances of each service everybody writes
     */
    public static Writers open(List<String> targets, int count, List<String> services, int shared) {
        Writers all = new Writers(targets);
        for (int i = 0; i < count; i++) {
            SessionLink link = new SessionLink(i, all.servers, all.timer);
            all.links.add(link);
            all.writers.add(new Writer(i, all.servers, link, services, shared));
        }
        all.links.forEach(
                link -> link.id().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
        return all;
    }

    /** Lets everybody write, until {@link #stop}. */
    public void begin() {
        stopping.set(false);
        ends.clear();
        for (Writer writer : writers) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            Thread.ofPlatform().daemon().name("writer").start(() -> run(writer, end));
        }
    }

    private void run(Writer writer, CompletableFuture<Void> end) {
        try {
            while (!stopping.get()) {
                recorded.add(writer.write());
                LockSupport.parkNanos(PACE.toNanos());
            }
            end.complete(null);
        } catch (RuntimeException | Error failed) {
            end.completeExceptionally(failed);
        }
    }

    /** Whether something was acknowledged that had been asked for since that {@link System#nanoTime}. */
    public boolean acknowledgedSince(long nanos) {
        return recorded.stream()
                .anyMatch(operation -> operation.outcome() == Operation.Outcome.OK && operation.invoked() - nanos > 0);
    }

    /** Lets the calls that run end, and starts no more. The sessions stay. */
    public void stop() {
        stopping.set(true);
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** What was recorded so far. */
    public List<Operation> operations() {
        return List.copyOf(recorded);
    }

    /** Sessions that do not live any more, and why. */
    public List<String> lostSessions() {
        return links.stream().flatMap(link -> link.lost().stream()).toList();
    }

    @Override
    public void close() {
        stopping.set(true);
        links.forEach(SessionLink::close);
        servers.forEach(ManagedChannel::shutdownNow);
        timer.shutdownNow();
    }
}
