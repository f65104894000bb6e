package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.watch.StreamFigures;
import io.registrycenter.watch.WatchStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StalledWatcherTest {

    private static final int HISTORY_COMMITS = 64;

    @TempDir
    Path data;

    /** Nothing is queued for it: what it lacks is its place on a history that all share and that has a limit. */
    @Test
    void oneStalledWatcherAmongMany_costsNobodyAnything_andEndsAsSlowConsumer() {
        int others = Proof.times(99, 999);
        int changes = Proof.times(400, 2_000);
        List<FaultWatcher> watchers = new ArrayList<>();
        try (FaultServer server = new FaultServer(
                data.resolve("data"),
                "--registry.watch.history-commits=" + HISTORY_COMMITS,
                "--registry.watch.heartbeat-timeout=20s",
                "--registry.watch.client-read-timeout=60s",
                "--registry.watch.idle-timeout=60s",
                "--registry.watch.stall-timeout=10s")) {
            server.put("orders", "i", 1, "");
            FaultWatcher stalled = new FaultWatcher(server.port(), "orders");
            watchers.add(stalled);
            stalled.connect(false);
            FaultServer.await(() -> stalled.answers() == 2);
            String stalledId = server.hub().streams().iterator().next().id();
            for (int i = 0; i < others; i++) {
                FaultWatcher watcher = new FaultWatcher(server.port(), "orders");
                watchers.add(watcher);
                watcher.connect(true);
            }
            FaultServer.await(() -> watchers.stream().allMatch(watcher -> watcher.revision() > 0));

            long last = 0;
            long mostChanges = 0;
            for (int i = 0; i < changes; i++) {
                last = server.put("orders", "i", 1 + i % 100, "x".repeat(1_000));
                if (i % 50 == 0) {
                    mostChanges =
                            Math.max(mostChanges, figures(server, stalledId).pendingChanges());
                }
            }
            long head = last;
            FaultServer.await(() -> watchers.stream().skip(1).allMatch(watcher -> watcher.revision() >= head));

            StreamFigures figures = figures(server, stalledId);
            mostChanges = Math.max(mostChanges, figures.pendingChanges());
            assertThat(figures.pendingChanges())
                    .as("operators see that it lags")
                    .isPositive();
            assertThat(stalled.answers()).as("it took nothing").isEqualTo(2);
            assertThat(server.closes()).as("nobody was ended before its time").isEmpty();
            assertThat(mostChanges).as("its place on the shared history").isLessThanOrEqualTo(HISTORY_COMMITS);
            assertThat(server.hub().historyEntries()).isLessThanOrEqualTo(2 * HISTORY_COMMITS);
            for (WatchStream stream : server.hub().streams()) {
                if (!stream.id().equals(stalledId)) {
                    assertThat(server.figures(stream).pendingChanges()).isZero();
                }
            }
            FaultServer.await(() -> server.closes().containsKey(CloseCause.SLOW_CONSUMER));
            assertThat(server.closes()).containsOnlyKeys(CloseCause.SLOW_CONSUMER);
            assertThat(server.hub().stats().streams()).isEqualTo(others);
            watchers.forEach(FaultWatcher::close);
            server.awaitNothingLeft();
        }
    }

    private static StreamFigures figures(FaultServer server, String id) {
        for (WatchStream stream : server.hub().streams()) {
            if (stream.id().equals(id)) {
                return server.figures(stream);
            }
        }
        throw new AssertionError("the stream " + id + " is gone: " + server.closes());
    }
}
