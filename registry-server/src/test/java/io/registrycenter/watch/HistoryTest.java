package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private static final WatchSettings SETTINGS = WatchServer.SETTINGS;

    private final View view = new View("e1");
    private long now;
    private final History history = new History(view, new WordsEncoding(), SETTINGS, () -> now);

    private void publish(long revision, String service, String id) {
        Instance after = new Instance(service, id, List.of(), "", 100, Map.of(), InstanceStatus.UP, revision, revision);
        var unused = history.publish(new AppliedCommit(
                revision,
                List.of(new InstanceChange(new InstanceKey("shop", service, id), null, after, null, "", "s")),
                List.of(),
                List.of()));
    }

    @Test
    void publish_chainsEachScopeByItsOwnPreviousCommit() {
        history.begin(10);
        publish(11, "orders", "a");
        publish(12, "carts", "b");
        publish(13, "orders", "a");
        Ring orders = history.scope("shop", "orders").ring();
        Ring all = history.scope("shop", "").ring();
        assertThat(orders.size()).isEqualTo(2);
        assertThat(all.size()).isEqualTo(3);
        assertThat(entry(orders, 0).after()).isEqualTo(10);
        assertThat(entry(orders, 1).after()).isEqualTo(11);
        assertThat(entry(all, 2).after()).isEqualTo(12);
    }

    @Test
    void publish_beyondAScopesCount_evictsItsOldestAndRaisesItsFloor() {
        for (int i = 1; i <= SETTINGS.scopeCommits() + 5; i++) {
            publish(i, "orders", "a");
        }
        Ring orders = history.scope("shop", "orders").ring();
        assertThat(orders.size()).isLessThanOrEqualTo(SETTINGS.scopeCommits());
        assertThat(orders.floor()).isGreaterThanOrEqualTo(5);
        assertThat(orders.get(0)).isNull();
    }

    @Test
    void publish_beyondTheNodesBytes_evictsTheOldestOfAll() {
        for (int i = 1; i <= 400; i++) {
            publish(i, "s" + i % 40, "a");
        }
        assertThat(history.cost()).isLessThanOrEqualTo(SETTINGS.nodeBytes());
        assertThat(history.scope("shop", "s0").ring().floor()).isPositive();
    }

    @Test
    void trim_evictsWhatIsOlderThanTheAge_andSweepLetsTheScopeGo() {
        publish(5, "orders", "a");
        now += SETTINGS.historyAge().plus(Duration.ofSeconds(1)).toNanos();
        publish(6, "carts", "a");
        history.trim(now);
        Scope before = history.scope("shop", "orders");
        assertThat(before.ring().size()).isZero();
        assertThat(history.scope("shop", "carts").ring().size()).isEqualTo(1);
        history.sweep(now);
        Scope after = history.scope("shop", "orders");
        assertThat(after).isNotSameAs(before);
        assertThat(after.ring().floor())
                .as("a scope made anew does not claim to know what was let go")
                .isEqualTo(5);
    }

    @Test
    void everything_evicted_costsNothing() {
        for (int i = 1; i <= 100; i++) {
            publish(i, "s" + i % 3, "a");
        }
        now += SETTINGS.historyAge().multipliedBy(2).toNanos();
        history.trim(now);
        assertThat(history.cost()).isZero();
        assertThat(history.entries()).isZero();
    }

    private static HistoryEntry entry(Ring ring, long seq) {
        HistoryEntry entry = ring.get(seq);
        if (entry == null) {
            throw new AssertionError("no entry " + seq);
        }
        return entry;
    }
}
