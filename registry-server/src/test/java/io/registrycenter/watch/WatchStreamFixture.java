package io.registrycenter.watch;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;

/** One stream of a hub with a short history, on a clock and a loop in the test's hand. */
abstract class WatchStreamFixture {

    static final Interest ORDERS = new Interest("shop", "orders", Map.of());
    static final Duration TICK = Duration.ofMillis(500);

    final StepExecutor loop = new StepExecutor();
    final View view = new View("e1");
    long now;
    CompletableFuture<Long> provenHead = new CompletableFuture<>();
    final WordsEncoding encoding = new WordsEncoding();
    final Hub hub = new Hub(view, encoding, WatchSettings.DEFAULTS, () -> provenHead, () -> now, new Random(1));
    final Applier applier = new Applier(view, List.of(hub), lost -> {
        throw lost;
    });
    final RecordingOutlet outlet = new RecordingOutlet(loop, 1_000);
    final WatchStream stream = open();

    WatchStream open() {
        applier.load(List.of(), 10);
        hub.begin();
        return hub.open(outlet);
    }

    @BeforeEach
    void history() {
        put(11, "a");
        put(12, "b");
    }

    void put(long revision, String id) {
        commit(revision, id);
        applier.batchComplete();
        loop.runAll();
    }

    /** More of its batch may follow. */
    void commit(long revision, String id) {
        applier.commit(commitOf(revision, id));
    }

    static Commit commitOf(long revision, String id) {
        Instance instance = new Instance("orders", id, List.of(), "", 100, Map.of(), InstanceStatus.UP, 0, 0);
        RecordKey key = new RecordKey.OfInstance(new InstanceKey("shop", "orders", id));
        return new Commit(revision, List.of(new Mutation(key, new InstanceRecord(instance, "s", ""))));
    }

    void pass(Duration time) {
        for (long left = time.toNanos(); left > 0; left -= TICK.toNanos()) {
            now += TICK.toNanos();
            hub.tick();
            loop.runAll();
        }
    }

    List<Frame> written() {
        List<Frame> frames = new ArrayList<>();
        for (Frame frame = outlet.poll(); frame != null; frame = outlet.poll()) {
            frames.add(frame);
        }
        return frames;
    }

    CloseCause endCause() {
        return Objects.requireNonNull(outlet.end(), "the stream goes on").cause();
    }

    void hello() {
        stream.hello(ClientInfo.UNKNOWN, null, null);
        written();
    }
}
