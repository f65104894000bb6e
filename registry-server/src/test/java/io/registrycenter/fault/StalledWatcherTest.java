package io.registrycenter.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.watch.StreamFigures;
import io.registrycenter.watch.WatchStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StalledWatcherTest {

    private static final int HISTORY_COMMITS = 64;
    private static final int CHANGE_BYTES = 10_000;

    private static final int SLICE = 50;

    /** Until the history is full and everybody holds an instance of this size. */
    private static final int WARM_UP_CHANGES = 3 * SLICE;

    @TempDir
    Path data;

    /** Nothing is queued for it: what it lacks is its place on a history that all share and that has a limit. */
    @Test
    void oneStalledWatcherAmongMany_costsNobodyAnything_andEndsAsSlowConsumer() {
        int others = Proof.times(99, 999);
        int changes = Proof.times(400, 500);
        List<FaultWatcher> watchers = new ArrayList<>();
        try (FaultServer server = new FaultServer(
                data.resolve("data"),
                "--registry.watch.history-commits=" + HISTORY_COMMITS,
                "--registry.watch.heartbeat-timeout=20s",
                "--registry.watch.client-read-timeout=60s",
                "--registry.watch.idle-timeout=60s",
                "--registry.watch.stall-timeout=20s",
                "--registry.grpc.tcp-user-timeout=60s")) {
            server.put("orders", "i", 1, "");
            for (int i = 0; i < others; i++) {
                FaultWatcher watcher = new FaultWatcher(server.port(), "orders");
                watchers.add(watcher);
                watcher.connect(true);
            }
            putToAll(server, watchers, WARM_UP_CHANGES);
            // What the store keeps of its newest commits grows by all of this, without a stalled one as with it.
            long atFirstBytes = LiveObjects.bytes();
            putToAll(server, watchers, changes);
            long withoutBytes = LiveObjects.bytes() - atFirstBytes;

            Set<WatchStream> reading = server.hub().streams();
            FaultWatcher stalled = new FaultWatcher(server.port(), "orders");
            stalled.connect(false);
            FaultServer.await(() -> stalled.answers() == 2);
            String stalledId = server.hub().streams().stream()
                    .filter(stream -> !reading.contains(stream))
                    .findFirst()
                    .orElseThrow()
                    .id();
            long beforeBytes = LiveObjects.bytes();
            long mostChanges = 0;
            for (int i = 0; i < changes; i += SLICE) {
                putToAll(server, watchers, SLICE);
                mostChanges = Math.max(mostChanges, figures(server, stalledId).pendingChanges());
            }
            long withBytes = LiveObjects.bytes() - beforeBytes;
            assertThat(withBytes - withoutBytes)
                    .as("what more the heap has grown by, of all that the stalled one has not taken")
                    .isLessThan((long) changes * CHANGE_BYTES / 2);

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
            stalled.close();
            watchers.forEach(FaultWatcher::close);
            server.awaitNothingLeft();
        }
    }

    /** Changes of one instance, some at a time; returns when all of these watchers have the last. */
    private static void putToAll(FaultServer server, List<FaultWatcher> watchers, int changes) {
        for (int done = 0; done < changes; done += SLICE) {
            long last = 0;
            for (int i = 0; i < SLICE; i++) {
                last = server.put("orders", "i", 1 + i, "x".repeat(CHANGE_BYTES));
            }
            long head = last;
            FaultServer.await(() -> watchers.stream().allMatch(watcher -> watcher.revision() >= head));
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
