package io.registrycenter.registration;

import static io.registrycenter.registration.RegistrationWorld.KEY;
import static io.registrycenter.registration.RegistrationWorld.S1;
import static io.registrycenter.registration.RegistrationWorld.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.Tombstone;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TombstoneSweeperTest {

    private static final Duration WINDOW = Duration.ofMinutes(10);

    private final RegistrationWorld world = new RegistrationWorld();
    private long now;
    private final TombstoneSweeper sweeper = new TombstoneSweeper(world.store, world.view, () -> now, WINDOW);

    private void pass(Duration time) {
        long end = now + time.toNanos();
        while (now < end) {
            now = Math.min(end, now + Duration.ofSeconds(1).toNanos());
            sweeper.sweep();
        }
    }

    private void tombstones(int count) {
        for (int i = 0; i < count; i++) {
            world.put(
                    new RecordKey.OfInstance(new InstanceKey("shop", "orders", "i" + i)),
                    new Tombstone(RemovalReason.DEREGISTERED, S1, ""));
        }
    }

    @Test
    void sweep_tombstoneOlderThanTheWindow_isDeletedInSilence() {
        world.session(S1);
        done(world.register(S1, 1, ""));
        world.deregister(S1, "");
        sweeper.sweep();
        pass(WINDOW.minusSeconds(1));
        assertThat(world.record()).isNotNull();
        pass(Duration.ofSeconds(20));
        assertThat(world.record()).isNull();
        assertThat(world.view.record(new RecordKey.OfInstance(KEY))).isNull();
        assertThat(world.applied.getLast().instances()).isEmpty();
        assertThat(sweeper.swept()).isEqualTo(1);
    }

    @Test
    void sweep_many_goInBatchesOnePerCall() {
        tombstones(250);
        sweeper.sweep();
        now += WINDOW.toNanos();
        sweeper.sweep();
        assertThat(sweeper.swept()).isEqualTo(100);
        sweeper.sweep();
        sweeper.sweep();
        assertThat(sweeper.swept()).isEqualTo(250);
    }

    @Test
    void sweep_whileABatchIsUnderWay_startsNoOther() {
        tombstones(150);
        sweeper.sweep();
        now += WINDOW.toNanos();
        world.store.holdCommits();
        sweeper.sweep();
        sweeper.sweep();
        assertThat(world.store.heldCommits()).isEqualTo(1);
        world.store.releaseCommits();
        sweeper.sweep();
        assertThat(sweeper.swept()).isEqualTo(150);
    }

    @Test
    void sweep_overwrittenMeanwhile_isLeftAloneAndTheRestGoes() {
        tombstones(3);
        sweeper.sweep();
        now += WINDOW.toNanos();
        world.store.pauseDelivery();
        RecordKey back = new RecordKey.OfInstance(new InstanceKey("shop", "orders", "i1"));
        world.put(back, new Tombstone(RemovalReason.ADMIN, S1, ""));
        sweeper.sweep();
        assertThat(world.store.record(back)).isNotNull();
        assertThat(sweeper.swept()).isEqualTo(2);
    }

    @Test
    void sweep_storeTrouble_isTriedAgain() {
        tombstones(1);
        sweeper.sweep();
        now += WINDOW.toNanos();
        world.store.failCommits();
        sweeper.sweep();
        assertThat(sweeper.swept()).isZero();
        world.store.releaseCommits();
        sweeper.sweep();
        assertThat(sweeper.swept()).isEqualTo(1);
    }
}
