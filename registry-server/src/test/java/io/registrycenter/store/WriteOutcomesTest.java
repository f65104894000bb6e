package io.registrycenter.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WriteOutcomesTest {

    private final StoreException failure = new StoreException(StoreException.Kind.UNAVAILABLE, "no disk");

    private final WriteOutcomes outcomes = new WriteOutcomes();
    private long nanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);

    private void pass(long ms) {
        nanos += TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private void fail(Throwable failure, Duration after) {
        outcomes.begun(nanos);
        outcomes.failed(nanos - after.toNanos(), nanos, failure);
    }

    @Test
    void failures_inARow_areAnObstacle_whenTheyLast() {
        for (int i = 0; i < 100; i++) {
            fail(failure, Duration.ZERO);
        }
        assertThat(outcomes.obstacle(nanos)).as("a burst of a moment").isNull();
        pass(2_000);
        fail(failure, Duration.ZERO);
        assertThat(outcomes.obstacle(nanos)).contains("the last 101 commits failed", "no disk");
    }

    @Test
    void one_success_endsTheObstacle_andTheCountBeginsAgain() {
        fail(failure, Duration.ZERO);
        fail(failure, Duration.ZERO);
        pass(3_000);
        fail(failure, Duration.ZERO);
        assertThat(outcomes.obstacle(nanos)).isNotNull();
        outcomes.begun(nanos);
        outcomes.succeeded(nanos);
        assertThat(outcomes.obstacle(nanos)).isNull();
        fail(failure, Duration.ZERO);
        assertThat(outcomes.obstacle(nanos)).isNull();
    }

    @Test
    void callers_thatHurry_areNoObstacle_butCallersThatWaitedAre() {
        StoreException unwanted = StoreException.unwanted();
        for (int i = 0; i < 10; i++) {
            fail(unwanted, Duration.ofMillis(1));
            pass(500);
        }
        assertThat(outcomes.obstacle(nanos)).isNull();
        for (int i = 0; i < 10; i++) {
            fail(unwanted, Duration.ofSeconds(5));
            pass(500);
        }
        assertThat(outcomes.obstacle(nanos)).isNotNull();
    }

    @Test
    void commits_underWay_areStuck_onlyWhileNoneIsDecided() {
        outcomes.begun(nanos);
        outcomes.begun(nanos);
        pass(9_999);
        assertThat(outcomes.obstacle(nanos)).isNull();
        pass(1);
        assertThat(outcomes.obstacle(nanos)).contains("2 commits wait");
        outcomes.succeeded(nanos);
        assertThat(outcomes.obstacle(nanos)).isNull();
        pass(10_000);
        assertThat(outcomes.obstacle(nanos)).contains("1 commits wait");
        outcomes.succeeded(nanos);
        pass(60_000);
        assertThat(outcomes.obstacle(nanos)).as("nothing is under way").isNull();
    }
}
