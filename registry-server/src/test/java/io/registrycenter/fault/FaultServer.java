package io.registrycenter.fault;

import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.grpc.LiveServer;
import io.registrycenter.observe.Meters;
import io.registrycenter.session.SessionState;
import io.registrycenter.session.Sessions;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.StreamFigures;
import io.registrycenter.watch.WatchStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A live server with shortened clocks, and what a test wants to know of it. */
final class FaultServer implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final LiveServer live;

    FaultServer(Path data, String... more) {
        String[] clocks = {
            "--registry.watch.heartbeat-interval=200ms",
            "--registry.watch.heartbeat-timeout=2s",
            "--registry.watch.idle-timeout=5s",
            "--registry.watch.client-read-timeout=3s",
            "--registry.watch.stall-timeout=1s",
            "--registry.watch.reset-after=500ms",
            "--registry.grpc.keepalive-time=10s",
            "--registry.grpc.keepalive-timeout=1s",
            "--registry.grpc.tcp-user-timeout=5s"
        };
        String[] all = Arrays.copyOf(clocks, clocks.length + more.length);
        System.arraycopy(more, 0, all, clocks.length, more.length);
        live = LiveServer.start(data, all);
    }

    LiveServer live() {
        return live;
    }

    int port() {
        return live.grpcPort();
    }

    Hub hub() {
        return live.bean(Hub.class);
    }

    /** Puts one instance, as a commit of its own; returns its revision. */
    long put(String service, String id, int weight, String text) {
        Instance instance =
                new Instance(service, id, List.of(), "", weight, Map.of("text", text), InstanceStatus.UP, 0, 0);
        Mutation mutation = new Mutation(
                new RecordKey.OfInstance(new InstanceKey("faults", service, id)),
                new InstanceRecord(instance, "nobody", ""));
        Outcome outcome = live.bean(Store.class)
                .commit(new Transaction(List.of(), List.of(mutation)))
                .join();
        if (outcome instanceof Outcome.Committed committed) {
            return committed.revision();
        }
        throw new AssertionError("not committed: " + outcome);
    }

    /** What a watcher of a service must know in the end: weights by id. */
    Map<String, Integer> weights(String service) {
        return live.bean(View.class).snapshot(new Interest("faults", service, Map.of())).instances().stream()
                .collect(Collectors.toMap(Instance::id, Instance::weight));
    }

    /** Streams that ended so far, by cause; only causes that occurred. */
    Map<CloseCause, Long> closes() {
        Map<CloseCause, Long> result = new EnumMap<>(CloseCause.class);
        for (CloseCause cause : CloseCause.values()) {
            long count = hub().stats().closes(cause);
            if (count > 0) {
                result.put(cause, count);
            }
        }
        return result;
    }

    /** Connections that ended so far, by cause; only causes that occurred. */
    Map<CloseCause, Long> connectionCloses() {
        Map<CloseCause, Long> result = new EnumMap<>(CloseCause.class);
        for (CloseCause cause : CloseCause.values()) {
            long count = (long) live.bean(MeterRegistry.class)
                    .get(Meters.CONNECTION_CLOSES.meterName())
                    .tag("cause", cause.name())
                    .counter()
                    .count();
            if (count > 0) {
                result.put(cause, count);
            }
        }
        return result;
    }

    /** Streams that have data which their transport does not take. */
    long stalledStreams() {
        return hub().streams().stream()
                .filter(stream -> figures(stream).stalledNanos() > 0)
                .count();
    }

    /** How a stream stands, asked on its own thread. */
    StreamFigures figures(WatchStream stream) {
        return CompletableFuture.supplyAsync(stream::figures, stream.executor())
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Waits until no stream, subscription or session is left. */
    void awaitNothingLeft() {
        Sessions sessions = live.bean(Sessions.class);
        await(() -> hub().stats().streams() == 0
                && hub().stats().subscriptions() == 0
                && hub().streams().isEmpty()
                && sessions.stats().count(SessionState.ACTIVE) == 0
                && sessions.stats().count(SessionState.SUSPECT) == 0);
    }

    static void await(BooleanSupplier condition) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .atMost(PATIENCE)
                .until(condition::getAsBoolean);
    }

    @Override
    public void close() {
        live.close();
    }
}
