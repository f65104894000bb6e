package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One thread publishes while others attach, write and leave: no wake-up is lost, so nobody waits for the next commit. */
class WakeUpConcurrencyTest {

    private static final int LANES = 2;
    private static final int STREAMS_A_LANE = 4;
    private static final int COMMITS_A_ROUND = 30;
    private static final long DEADLINE_SECONDS = 20;
    private static final Interest INTEREST = new Interest("shop", "orders", Map.of());

    private final View view = new View("e1");
    private final WordsEncoding encoding = new WordsEncoding();
    private final Hub hub = new Hub(
            view,
            encoding,
            WatchSettings.DEFAULTS,
            () -> CompletableFuture.completedFuture(0L),
            System::nanoTime,
            new Random(1));
    private final Applier applier = new Applier(view, List.of(hub), lost -> {});
    private long revision;

    @Test
    void commitsPublishedWhileStreamsAttachAndDrain_reachThemAll() {
        applier.load(List.of(), 0);
        hub.begin();
        List<ScheduledLoop> lanes = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
            lanes.add(new ScheduledLoop(Executors.newSingleThreadScheduledExecutor()));
        }
        try {
            for (int round = 0; round < Proof.times(1_000, 50_000); round++) {
                round(lanes);
            }
        } finally {
            lanes.forEach(lane -> lane.executor().shutdownNow());
        }
        assertThat(hub.stats().streams()).isZero();
        assertThat(hub.stats().subscriptions()).isZero();
        assertThat(hub.stats().faults.sum()).isZero();
    }

    private void round(List<ScheduledLoop> lanes) {
        long from = revision;
        List<Reader> readers = new ArrayList<>();
        for (ScheduledLoop lane : lanes) {
            for (int i = 0; i < STREAMS_A_LANE; i++) {
                Reader reader = new Reader(lane, from + COMMITS_A_ROUND);
                readers.add(reader);
                lane.execute(() -> reader.open(hub, from));
            }
        }
        for (int i = 0; i < COMMITS_A_ROUND; i++) {
            revision++;
            RecordKey key = new RecordKey.OfInstance(new InstanceKey("shop", "orders", "i"));
            Instance instance = new Instance("orders", "i", List.of(), "", 1, Map.of(), InstanceStatus.UP, 1, 0);
            applier.commit(new Commit(revision, List.of(new Mutation(key, new InstanceRecord(instance, "s", "")))));
            if (i % 3 == 0 || i == COMMITS_A_ROUND - 1) {
                applier.batchComplete();
            }
        }
        for (Reader reader : readers) {
            assertThat(reader.done)
                    .as("the last commit reaches everybody, %s", revision)
                    .succeedsWithin(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
        CompletableFuture.allOf(readers.stream().map(Reader::close).toArray(CompletableFuture[]::new))
                .orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** A transport that takes everything, and knows how far it was told. */
    private final class Reader implements Outlet {

        private final ScheduledLoop lane;
        private final long wanted;
        final AtomicLong reached = new AtomicLong();
        final CompletableFuture<Void> done = new CompletableFuture<>();

        /** Confined to the lane. */
        private @Nullable WatchStream stream;

        Reader(ScheduledLoop lane, long wanted) {
            this.lane = lane;
            this.wanted = wanted;
        }

        void open(Hub hub, long from) {
            WatchStream opened = hub.open(this);
            stream = opened;
            opened.hello(ClientInfo.UNKNOWN, null, null);
            opened.subscribe(1, INTEREST, new Cursor("e1", from), true);
        }

        CompletableFuture<Void> close() {
            return CompletableFuture.runAsync(
                    () -> Objects.requireNonNull(stream).close(CloseCause.CLIENT_CANCELLED), lane);
        }

        @Override
        public String peer() {
            return "test";
        }

        @Override
        public EventLoop loop() {
            return lane;
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public boolean heartbeatLeft() {
            return true;
        }

        @Override
        public boolean starved() {
            return false;
        }

        @Override
        public void write(Frame frame) {
            if (frame instanceof Frame.Deltas deltas) {
                for (Told.Delta delta : encoding.deltas(deltas)) {
                    if (delta.after() > reached.get() && reached.get() > 0) {
                        done.completeExceptionally(new AssertionError("a gap before " + delta.revision()));
                    }
                    reached.set(delta.revision());
                }
            }
            if (reached.get() >= wanted) {
                done.complete(null);
            }
        }

        @Override
        public void end(StreamEnd end) {
            done.completeExceptionally(new AssertionError("ended: " + end));
        }

        @Override
        public void reset() {
            throw new AssertionError("never");
        }
    }
}
