package io.registrycenter.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.RemovalReason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RetentionTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final InMemoryStore store = new InMemoryStore();

    @Test
    void look_commitsOlderThanTheAge_areCompactedYoungerOnesStay() {
        Retention retention = new Retention(store, Duration.ofMinutes(10), 1 << 30, nanos::get);
        retention.look();
        long[] writtenAt = new long[30];
        for (int minute = 0; minute < writtenAt.length; minute++) {
            writtenAt[minute] = write(1);
            pass(retention, 60);
            int lastKept = Math.max(0, minute - 8);
            assertThat(store.floor()).isLessThan(writtenAt[lastKept]);
            if (minute > 13) {
                assertThat(store.floor()).isGreaterThanOrEqualTo(writtenAt[minute - 13]);
            }
        }
    }

    @Test
    void look_afterAStart_whatIsThereCountsAsNew() {
        long old = write(1);
        Retention retention = new Retention(store, Duration.ofMinutes(10), 1 << 30, nanos::get);
        retention.look();
        pass(retention, 9 * 60);
        assertThat(store.floor()).isZero();
        pass(retention, 3 * 60);
        assertThat(store.floor()).isEqualTo(old);
    }

    @Test
    void look_aboveTheBytes_theOldestGoFirst() {
        Retention retention = new Retention(store, Duration.ofMinutes(10), 1 << 20, nanos::get);
        for (int i = 0; i < 300; i++) {
            write(10_000);
        }
        long head = store.head();
        retention.look();
        assertThat(store.historyBytes()).isLessThanOrEqualTo(1 << 20);
        assertThat(store.floor()).isPositive().isLessThan(head);
        long floor = store.floor();
        retention.look();
        assertThat(store.floor()).isEqualTo(floor);
    }

    @Test
    void look_storeThatCannotCompact_goesOn() {
        Retention retention = new Retention(store, Duration.ofMinutes(1), 1 << 20, nanos::get);
        store.close();
        pass(retention, 300);
        assertThat(store.floor()).isZero();
    }

    private void pass(Retention retention, int seconds) {
        for (int passed = 0; passed < seconds; passed += 10) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
            retention.look();
        }
    }

    private long write(int bytes) {
        RecordValue value = new RecordValue.Tombstone(RemovalReason.ADMIN, "x".repeat(bytes), "");
        Outcome outcome = store.commit(
                        new Transaction(List.of(), List.of(new Mutation(new RecordKey.OfSession("a"), value))))
                .join();
        return ((Outcome.Committed) outcome).revision();
    }
}
