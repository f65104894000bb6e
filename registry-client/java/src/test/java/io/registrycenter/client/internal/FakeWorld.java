package io.registrycenter.client.internal;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.internal.link.ChannelFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client with servers in this process. Everything runs on the test's thread, at once, unless time has to pass for it:
 * after each step of a test the client has done all it will do.
 */
final class FakeWorld implements AutoCloseable, LinkListener {

    private static final AtomicLong WORLDS = new AtomicLong();

    final FakeTiming timing = new FakeTiming();
    final List<FakeServer> servers = new ArrayList<>();
    /** Of the servers, in their order. */
    final List<String> targets = new ArrayList<>();

    final List<Connected> connected = new ArrayList<>();
    /** Every end, in order: of live streams and of attempts. */
    final List<DisconnectReport> reports = new ArrayList<>();
    /** Those of live streams. */
    final List<DisconnectReport> losses = new ArrayList<>();

    final List<DisconnectReport> explained = new ArrayList<>();
    /** What is live as far as the listener was told. */
    private final Set<String> live = new HashSet<>();

    private final List<DisconnectReport> untrue = new ArrayList<>();
    final RegistryClient client;
    /** What every die shows: 0 (inclusive) to 1 (exclusive). */
    double random = 0.5;

    DoubleSupplier dice = () -> random;
    /** What a clock on the wall showed when this world's time was 0. */
    Instant wallClock = Instant.parse("2026-01-01T00:00:00Z");

    /** Every channel the client has made, in order. */
    final List<ManagedChannel> channels = new ArrayList<>();
    /** What making a channel of a target throws, while it is here. */
    final Map<String, Throwable> unopenable = new HashMap<>();
    /** What beginning a call throws; null: nothing. */
    @Nullable
    Throwable callFault;

    private long tokens;

    FakeWorld() {
        this(1, Runnable::run, Duration.ofSeconds(60));
    }

    FakeWorld(int targets, Executor callbacks, Duration resetHold) {
        this(targets, callbacks, resetHold, null);
    }

    FakeWorld(int targets, Executor callbacks, Duration resetHold, @Nullable Path cacheDirectory) {
        this(targets, "", callbacks, resetHold, cacheDirectory);
    }

    /** @param form what a target begins with: nothing, or {@code dns:///} */
    FakeWorld(int targets, String form) {
        this(targets, form, Runnable::run, Duration.ofSeconds(60), null);
    }

    private FakeWorld(int targets, String form, Executor callbacks, Duration resetHold, @Nullable Path cacheDirectory) {
        long world = WORLDS.incrementAndGet();
        for (int i = 0; i < targets; i++) {
            String name = form + "world-" + world + "-" + i;
            this.targets.add(name);
            servers.add(new FakeServer(name));
        }
        ClientSettings settings = new ClientSettings(
                this.targets,
                "test",
                "1",
                "default",
                false,
                Duration.ofSeconds(90),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofMillis(1),
                resetHold,
                Duration.ZERO,
                cacheDirectory);
        client = Clients.open(
                settings,
                this,
                callbacks,
                new Clients.World(
                        timing,
                        new InProcess(),
                        () -> dice.getAsDouble(),
                        () -> "token-" + ++tokens,
                        () -> wallClock.plusNanos(timing.nanoTime()),
                        Runnable::run));
    }

    FakeServer server() {
        return servers.get(0);
    }

    void pass(Duration duration) {
        timing.advance(duration);
    }

    DisconnectReport report() {
        return reports.get(reports.size() - 1);
    }

    @Override
    public void onConnected(Connected event) {
        connected.add(event);
        live.add(event.stream() + "/" + event.streamId());
    }

    @Override
    public void onDisconnected(DisconnectReport report) {
        reports.add(report);
        losses.add(report);
        if (!report.wasLive() || !live.remove(report.stream() + "/" + report.streamId())) {
            untrue.add(report);
        }
    }

    @Override
    public void onEndExplained(DisconnectReport report) {
        explained.add(report);
    }

    @Override
    public void onAttemptFailed(DisconnectReport report) {
        reports.add(report);
        if (report.wasLive()) {
            untrue.add(report);
        }
    }

    @Override
    public void close() {
        client.close();
        servers.forEach(FakeServer::stop);
        if (!untrue.isEmpty()) {
            throw new AssertionError("a loss is told of what was live, once; else it is a failed attempt: " + untrue);
        }
    }

    private final class InProcess implements ChannelFactory {
        @Override
        public ManagedChannel open(String target) {
            Throwable fault = unopenable.get(target);
            if (fault != null) {
                FakeWorld.<RuntimeException>throwAsItIs(fault);
            }
            ManagedChannel channel = InProcessChannelBuilder.forName(target)
                    .directExecutor()
                    .intercept(new Faults())
                    .build();
            channels.add(channel);
            return channel;
        }

        @Override
        public void close(long timeoutNanos) {
            // Nothing is shared.
        }
    }

    private final class Faults implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            Throwable fault = callFault;
            if (fault != null) {
                FakeWorld.<RuntimeException>throwAsItIs(fault);
            }
            return next.newCall(method, options);
        }
    }

    /** To be thrown, checked or not, as generated and foreign code does. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwAsItIs(Throwable fault) throws T {
        throw (T) fault;
    }
}
