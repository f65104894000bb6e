package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TicksTest {

    @Test
    void job_throwsAnError_comesAgain() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(3);
        Ticks ticks = new Ticks(() -> {}, List.of(new Ticks.Job("faulty", Duration.ofMillis(1), () -> {
            runs.countDown();
            throw new AssertionError("a fault of the test");
        })));
        ticks.start();
        try {
            assertThat(runs.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            ticks.stop();
        }
    }
}
