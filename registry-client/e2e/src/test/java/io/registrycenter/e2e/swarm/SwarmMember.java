package io.registrycenter.e2e.swarm;

import io.registrycenter.client.Change;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import io.registrycenter.client.WatchListener;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One client of a swarm with its own session, connection and threads; prints everything its user is told. */
final class SwarmMember implements LinkListener, WatchListener {

    private final int number;
    private final SwarmPlan plan;
    private final SwarmOutput output;
    private final RegistryClient client;
    private final CompletableFuture<Void> complete = new CompletableFuture<>();
    private final Map<StreamKind, CompletableFuture<Void>> live = new EnumMap<>(StreamKind.class);

    // Confined to the listener's calls, which come one at a time.
    private final ViewCheck check = new ViewCheck();
    private boolean first = true;
    private @Nullable Watch watch;

    SwarmMember(int number, SwarmPlan plan, SwarmOutput output, Executor callbacks) {
        this.number = number;
        this.plan = plan;
        this.output = output;
        for (StreamKind kind : StreamKind.values()) {
            live.put(kind, new CompletableFuture<>());
        }
        client = RegistryClient.builder()
                .target(plan.targets())
                .name(plan.name() + "-" + number)
                .executor(callbacks)
                .onLink(this)
                .build();
    }

    boolean provides() {
        return plan.provides(number);
    }

    boolean watches() {
        return plan.watches(number);
    }

    /** Completes when it is acknowledged and the session was told to be live. */
    CompletableFuture<?> register() {
        Instance instance = Instance.builder(plan.name() + "-" + number)
                .endpoint("grpc", "127.0.0.1", 1024 + number)
                .build();
        Registration registration = client.register(plan.serviceOf(number), instance);
        registration.onLost(reason -> output.print("given-up", "client", number, "reason", "LOST " + reason));
        return CompletableFuture.allOf(registration.registered().toCompletableFuture(), live.get(StreamKind.SESSION));
    }

    /** Completes when every expected instance is seen and the stream was told to be live. */
    CompletableFuture<?> watch() {
        watch = client.watch(plan.serviceOf(number), this);
        return CompletableFuture.allOf(complete, live.get(StreamKind.WATCH));
    }

    void close() {
        client.close();
    }

    @Override
    public void onConnected(Connected connected) {
        output.print(
                "connected",
                "client",
                number,
                "stream",
                connected.stream(),
                "resumed",
                connected.resumed(),
                "revision",
                connected.revision());
        live.get(connected.stream()).complete(null);
    }

    @Override
    public void onDisconnected(DisconnectReport report) {
        output.print(
                "disconnected",
                "client",
                number,
                "stream",
                report.stream(),
                "cause",
                report.cause(),
                "expected",
                report.expected(),
                "phase",
                report.phase(),
                "detail",
                report.detail());
        noteGivenUp(report);
    }

    @Override
    public void onAttemptFailed(DisconnectReport report) {
        noteGivenUp(report);
    }

    private void noteGivenUp(DisconnectReport report) {
        if (!report.retries()) {
            output.print("given-up", "client", number, "reason", report.toString());
        }
    }

    @Override
    public void onChanges(ViewChange change) {
        advance(change);
        for (Change one : change.changes()) {
            output.print(
                    "change",
                    "client",
                    number,
                    "kind",
                    one instanceof Change.Removal ? "removal" : "put",
                    "id",
                    one.instanceId(),
                    "reason",
                    one instanceof Change.Removal removal ? removal.reason().name() : "",
                    "revision",
                    one.revision());
        }
    }

    @Override
    public void onSnapshot(ViewChange change) {
        boolean again = !first;
        first = false;
        advance(change);
        if (again) {
            Watch mine = watch;
            output.print(
                    "snapshot",
                    "client",
                    number,
                    "reason",
                    String.valueOf(change.snapshot()),
                    "changes",
                    change.changes().size(),
                    "resyncs",
                    mine == null ? -1 : mine.resyncs());
        }
    }

    private void advance(ViewChange change) {
        check.next(change).forEach(wrong -> output.print("violation", "client", number, "what", wrong));
        output.print(
                "view",
                "client",
                number,
                "revision",
                change.cursor().revision(),
                "digest",
                ViewDigest.of(change.instances()));
        if (change.instances().size() >= plan.expected(number)) {
            complete.complete(null);
        }
    }

    @Override
    public void onRefused(RegistryException reason) {
        output.print("given-up", "client", number, "reason", reason.toString());
    }
}
