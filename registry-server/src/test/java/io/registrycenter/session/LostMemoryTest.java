package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.InstanceKey;
import org.junit.jupiter.api.Test;

class LostMemoryTest {

    private final LostMemory memory = new LostMemory();

    private static InstanceKey key(int number) {
        return new InstanceKey("shop", "orders", "i" + number);
    }

    @Test
    void of_lostInstances_untilRegisteredAgainOrEnded() {
        memory.lost("s1", key(1), new Loss(LostReason.REPLACED, 7));
        memory.lost("s1", key(2), new Loss(LostReason.ADMIN, 7));
        memory.lost("s2", key(3), new Loss(LostReason.ADMIN, 7));
        memory.registeredAgain("s1", key(1));
        memory.registeredAgain("s3", key(1));
        assertThat(memory.of("s1")).containsOnlyKeys(key(2));
        memory.ended("s1");
        assertThat(memory.of("s1")).isEmpty();
        assertThat(memory.size()).isEqualTo(1);
    }

    @Test
    void lost_beyondTheBounds_forgetsTheOldestAndCounts() {
        for (int i = 0; i < LostMemory.PER_SESSION + 5; i++) {
            memory.lost("s1", key(i), new Loss(LostReason.REPLACED, 7));
        }
        assertThat(memory.of("s1")).hasSize(LostMemory.PER_SESSION).doesNotContainKey(key(4));
        assertThat(memory.forgotten()).isEqualTo(5);
        for (int session = 0; session < LostMemory.TOTAL / 100; session++) {
            for (int i = 0; i < 100; i++) {
                memory.lost("t" + session, key(i), new Loss(LostReason.REPLACED, 7));
            }
        }
        assertThat(memory.size()).isLessThanOrEqualTo(LostMemory.TOTAL);
        assertThat(memory.of("s1")).isEmpty();
    }
}
