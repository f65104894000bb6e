package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.wire.Connection;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Providers: connections with a session each, whose instances are registered over and over; or connections to etcd that write the
 * like without a registry. One driving thread.
 */
public final class Writers {
    /** Room in the counter of a call for the calls of one lane. */
    private static final long COUNTER_STEP = 10_000_000_000L;

    /**
     * What the writers write.
     *
     * @param connections 1..99, each with a session of its own
     * @param inFlight calls in flight on all of them together
     * @param services named `prefix-0`, `prefix-1`, ...
     * @param instances in each service
     */
    public record Shape(String namespace, String prefix, int connections, int inFlight, int services, int instances) {}

    /**
     * What was acknowledged.
     *
     * @param latency nanoseconds from send to answer
     * @param skipped ticks of the pace at which no call was free
     * @param sends when the call that made a revision was sent; empty unless paced
     */
    public record Acked(
            long calls,
            long errors,
            String firstError,
            Histogram latency,
            long skipped,
            long maxRevision,
            List<Arrivals> sends) {}

    private record Provider(
            EventLoop loop, Lane lane, @Nullable SessionLink session) {}

    private final List<Provider> providers;
    private List<CompletableFuture<Void>> running = List.of();

    private Writers(List<Provider> providers) {
        this.providers = providers;
    }

    /** Connects and opens the sessions. */
    public static Writers open(InetSocketAddress server, EventLoopGroup group, Shape shape) {
        List<Provider> providers = new ArrayList<>();
        for (int i = 0; i < shape.connections(); i++) {
            EventLoop loop = group.next();
            int index = i;
            providers.add(Waits.get(Connection.open(loop, server)
                    .thenComposeAsync(connection -> provider(connection, loop, shape, index), loop)));
        }
        return new Writers(providers);
    }

    private static CompletableFuture<Provider> provider(Connection connection, EventLoop loop, Shape shape, int index) {
        return SessionLink.open(connection, loop).thenApply(session -> {
            List<Template> templates = new ArrayList<>();
            for (int i = index; i < shape.services() * shape.instances(); i += shape.connections()) {
                templates.add(RegisterTemplate.of(
                        shape.namespace(),
                        shape.prefix() + "-" + i % shape.services(),
                        "instance-" + i / shape.services(),
                        session.sessionId()));
            }
            Workload workload = new Workload(templates, index * COUNTER_STEP);
            int slots = shape.inFlight() / shape.connections();
            return new Provider(loop, new Lane(connection, loop, Write.REGISTER, workload, slots), session);
        });
    }

    /**
     * Connects to etcd.
     *
     * @param transactions framed, dealt out to the connections of the shape
     */
    public static Writers bare(InetSocketAddress etcd, EventLoopGroup group, Shape shape, List<Template> transactions) {
        List<Provider> providers = new ArrayList<>();
        for (int i = 0; i < shape.connections(); i++) {
            EventLoop loop = group.next();
            List<Template> own = new ArrayList<>();
            for (int t = i; t < transactions.size(); t += shape.connections()) {
                own.add(transactions.get(t));
            }
            Workload workload = new Workload(own, i * COUNTER_STEP);
            int slots = shape.inFlight() / shape.connections();
            providers.add(Waits.get(Connection.open(loop, etcd)
                    .thenApplyAsync(
                            connection -> new Provider(
                                    loop, new Lane(connection, loop, Write.TRANSACTION, workload, slots), null),
                            loop)));
        }
        return new Writers(providers);
    }

    /** Registers every instance once; returns when all are acknowledged. */
    public Acked registerAll() {
        running = each(
                provider -> provider.lane().saturate(provider.lane().workload().size(), Brake.none()));
        return finish();
    }

    /** From now on only the first instances of each connection change. */
    public void changeOnly(int instances) {
        Waits.done(all(each(provider -> {
            provider.lane().workload().changeOnly(instances);
            return CompletableFuture.completedFuture(null);
        })));
    }

    /** Keeps every call slot busy until {@link #stop}. */
    public void saturate() {
        saturate(() -> Long.MAX_VALUE, 1);
    }

    /**
     * As before, but holds while so many acknowledged changes are not yet delivered everywhere.
     *
     * @param slowest lowest revision that every watcher has applied; any thread
     */
    public void saturate(LongSupplier slowest, int mostBehind) {
        running = each(provider -> provider.lane().saturate(Long.MAX_VALUE, new Brake(slowest, mostBehind)));
    }

    /** One change at a time at this rate, from the first connection, until {@link #stop}. */
    public void pace(double perSecond) {
        Provider first = providers.getFirst();
        running = List.of(composed(first.loop(), () -> first.lane().pace(perSecond)));
    }

    /** Makes one change and returns its revision. */
    public long changeOnce() {
        Provider first = providers.getFirst();
        running = List.of(composed(first.loop(), () -> first.lane().saturate(1, Brake.none())));
        return finish().maxRevision();
    }

    /** Stops starting calls, waits for the answers to those in flight and returns what was counted. */
    public Acked stop() {
        Waits.done(all(each(provider -> {
            provider.lane().stop();
            return CompletableFuture.completedFuture(null);
        })));
        return finish();
    }

    /** What was acknowledged since the last reading, without stopping. */
    public Acked take() {
        List<Lane.Acks> parts = new ArrayList<>();
        for (Provider provider : providers) {
            parts.add(Waits.get(CompletableFuture.supplyAsync(provider.lane()::take, provider.loop())));
        }
        Histogram latency = new Histogram(3);
        List<Arrivals> sends = new ArrayList<>();
        long errors = 0;
        long skipped = 0;
        long maxRevision = 0;
        String firstError = "";
        for (Lane.Acks part : parts) {
            latency.add(part.latency);
            errors += part.errors;
            skipped += part.skipped;
            maxRevision = Math.max(maxRevision, part.maxRevision);
            firstError = firstError.isEmpty() ? part.firstError : firstError;
            if (part.sends != null) {
                sends.add(part.sends);
            }
        }
        return new Acked(latency.getTotalCount(), errors, firstError, latency, skipped, maxRevision, sends);
    }

    /** Ends the sessions: the server takes the instances out. */
    public void goodbye() {
        Waits.done(all(each(provider -> {
            SessionLink session = provider.session();
            if (session != null) {
                session.goodbye();
            }
            return CompletableFuture.completedFuture(null);
        })));
    }

    private Acked finish() {
        Waits.done(all(running));
        running = List.of();
        return take();
    }

    private List<CompletableFuture<Void>> each(Function<Provider, CompletableFuture<Void>> action) {
        return providers.stream()
                .map(provider -> composed(provider.loop(), () -> action.apply(provider)))
                .toList();
    }

    private interface Step {
        CompletableFuture<Void> begin();
    }

    private static CompletableFuture<Void> composed(EventLoop loop, Step step) {
        return CompletableFuture.<Void>completedFuture(null).thenComposeAsync(nothing -> step.begin(), loop);
    }

    private static CompletableFuture<Void> all(List<CompletableFuture<Void>> parts) {
        return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new));
    }
}
