package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.draining;
import static io.registrycenter.client.internal.Frames.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.WatchListener;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchWelcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator reads: one line for what happened, a warning only where somebody should look. */
class LogTest {

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("io.registrycenter.client");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            records.add(logged);
        }

        @Override
        public void flush() {
            // Nothing is buffered.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void stop() {
        logger.removeHandler(handler);
    }

    private List<LogRecord> warnings() {
        return records.stream()
                .filter(logged -> logged.getLevel().intValue() > Level.INFO.intValue())
                .toList();
    }

    private static void sync(Peer<WatchRequest, WatchResponse> peer, WatchResponse welcome) {
        peer.send(welcome);
        long id = peer.said().get(1).getSubscribe().getSubscriptionId();
        peer.send(snapshot(id, SnapshotReason.SNAPSHOT_REASON_INITIAL, cursor(EPOCH, 7)));
    }

    @Test
    void drainAndClose_planned_areNeverAboveInfo() {
        try (FakeWorld world = new FakeWorld()) {
            world.client.watch("orders", new RecordingListener());
            sync(world.server().watch(), Frames.welcome());
            world.server().watch().send(draining(1_000));
            world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING", Duration.ofSeconds(1)));
            world.pass(Duration.ofSeconds(1));
            world.client.register(
                    "orders", io.registrycenter.client.Instance.builder("a").build());
            world.server().session().send(Frames.opened("s1", 1));
        }
        assertThat(records).isNotEmpty();
        assertThat(warnings()).extracting(LogRecord::getMessage).noneMatch(line -> line.contains("stream to"));
        assertThat(records).extracting(LogRecord::getThrown).containsOnlyNulls();
    }

    @Test
    void restart_planned_saysWhatRepeatsItselfOnceAndWarnsWhenItTakesTooLong() {
        try (FakeWorld world = new FakeWorld()) {
            world.random = 0.999;
            world.client.watch("orders", new RecordingListener());
            sync(world.server().watch(), Frames.welcome());
            world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, "DRAINING", Duration.ofSeconds(1)));
            world.server().stop();
            world.pass(Duration.ofSeconds(29));
            assertThat(world.reports).hasSizeGreaterThan(10);
            assertThat(warnings()).isEmpty();
            assertThat(records)
                    .extracting(LogRecord::getMessage)
                    .filteredOn(line -> line.contains("not made"))
                    .hasSize(1);
            world.pass(Duration.ofMinutes(5));
            assertThat(warnings()).hasSize(1);
        }
    }

    @Test
    void reset_manyTimesInARow_isOneWarningWithoutAStackTrace() {
        try (FakeWorld world = new FakeWorld()) {
            world.client.watch("orders", new RecordingListener());
            sync(world.server().watch(), Frames.welcome());
            for (int i = 0; i < 5; i++) {
                world.server()
                        .watch()
                        .fail(Status.UNAVAILABLE
                                .withCause(new IOException("reset"))
                                .asRuntimeException());
                world.pass(world.report().nextAttemptIn());
            }
            assertThat(world.reports).hasSize(5);
        }
        assertThat(warnings()).hasSize(1);
        assertThat(warnings().get(0).getMessage()).contains("WATCH stream to", "next attempt in");
        assertThat(records).extracting(LogRecord::getThrown).containsOnlyNulls();
    }

    @Test
    void timeoutContract_broken_isOneLineHoweverOftenItConnects() {
        WatchResponse late = WatchResponse.newBuilder()
                .setWelcome(WatchWelcome.newBuilder()
                        .setNode("node-1")
                        .setStreamId("stream-1")
                        .setHeartbeatIntervalMs(85_000)
                        .setHeartbeatTimeoutMs(10_000))
                .build();
        try (FakeWorld world = new FakeWorld()) {
            world.client.watch("orders", new RecordingListener());
            sync(world.server().watch(), late);
            for (int i = 0; i < 3; i++) {
                world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, "MAX_AGE"));
                world.pass(world.report().nextAttemptIn());
                sync(world.server().watch(), late);
            }
        }
        assertThat(warnings()).hasSize(1);
        assertThat(warnings().get(0).getMessage()).contains("90000 ms", "95000 ms", "must be above");
    }

    @Test
    void cache_unreadable_isOneLine(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("default.views"), "somebody else's file");
        try (FakeWorld world = new FakeWorld(1, Runnable::run, Duration.ofSeconds(60), directory)) {
            world.client.watch("orders", new RecordingListener());
            world.client.watch("payments", new RecordingListener());
        }
        assertThat(warnings()).hasSize(1);
        assertThat(warnings().get(0).getMessage()).contains("default.views", "it is no cache of views");
    }

    @Test
    void listener_blocks_isNamedWithItsTimeAndNotAtEachLook() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService callbacks = Executors.newSingleThreadExecutor();
        try (FakeWorld world = new FakeWorld(1, callbacks, Duration.ofSeconds(60))) {
            world.client.watch("orders", new BlockingListener(entered, release));
            sync(world.server().watch(), Frames.welcome());
            entered.await();
            world.pass(Duration.ofSeconds(9));
            assertThat(warnings()).isEmpty();
            world.pass(Duration.ofSeconds(76));
            assertThat(warnings()).hasSize(4);
            assertThat(warnings().get(0).getMessage())
                    .contains(BlockingListener.class.getName(), "default/orders", "has not returned", "10 s");
            assertThat(warnings().get(3).getMessage()).contains("80 s");
            release.countDown();
            callbacks.shutdown();
            assertThat(callbacks.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(records).extracting(LogRecord::getMessage).anyMatch(line -> line.contains("has returned after"));
        } finally {
            release.countDown();
            callbacks.shutdownNow();
        }
    }

    private record BlockingListener(CountDownLatch entered, CountDownLatch release) implements WatchListener {
        @Override
        public void onChanges(ViewChange change) {
            entered.countDown();
            try {
                release.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
