package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SlowSnapshotTest {

    private final StepExecutor loop = new StepExecutor();
    private final View view = new View("e1");
    private long now;
    private final Hub hub = new Hub(
            view,
            new WordsEncoding(),
            WatchWorld.SETTINGS,
            () -> CompletableFuture.completedFuture(view.revision()),
            () -> now,
            new Random(1));
    private final Applier applier = new Applier(view, List.of(hub), lost -> {
        throw lost;
    });

    private void put(long revision, String id) {
        Instance instance = new Instance("orders", id, List.of(), "", 100, Map.of(), InstanceStatus.UP, 0, 0);
        RecordKey key = new RecordKey.OfInstance(new InstanceKey("shop", "orders", id));
        applier.commit(new Commit(revision, List.of(new Mutation(key, new InstanceRecord(instance, "s", "")))));
        loop.runAll();
    }

    @Test
    void a_snapshot_read_so_slowly_that_the_history_went_on_is_followed_by_a_newer_one() {
        hub.begin();
        for (int i = 1; i <= 8; i++) {
            put(i, "i" + i);
        }
        RecordingOutlet outlet = new RecordingOutlet(loop, 2);
        WatchStream stream = hub.open(outlet, "test");
        stream.hello(ClientInfo.UNKNOWN, null);
        stream.subscribe(1, new Interest("shop", "orders", Map.of()), null, true);
        put(9, "i9");
        // Everything this watcher would need next is let go before it has read the last part.
        now += Duration.ofHours(1).toNanos();
        hub.tick();
        loop.runAll();
        outlet.allow(100);
        stream.ready();
        Frame.Snapshot last = null;
        for (Frame frame = outlet.poll(); frame != null; frame = outlet.poll()) {
            if (frame instanceof Frame.Snapshot part && part.last()) {
                last = part;
            }
        }
        assertThat(last).isNotNull().satisfies(part -> {
            assertThat(part.cursor().revision()).isEqualTo(9);
            assertThat(part.total()).isEqualTo(9);
        });
    }
}
