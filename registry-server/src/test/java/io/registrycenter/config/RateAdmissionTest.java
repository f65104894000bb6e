package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateAdmissionTest {

    @Test
    void zero_admitsAnyNumber() {
        RateAdmission off = new RateAdmission("off", 0, new Random(1));
        assertThat(IntStream.range(0, 100_000)).allMatch(i -> off.get().isZero());
    }

    @Test
    void overTheRate_isToldToComeBack_eachAtAnotherMoment() {
        RateAdmission one = new RateAdmission("one", 1, new Random(1));
        var waits = IntStream.range(0, 50)
                .mapToObj(i -> one.get())
                .filter(Duration::isPositive)
                .toList();
        assertThat(waits)
                .hasSizeGreaterThan(10)
                .allSatisfy(wait -> assertThat(wait).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3)));
        assertThat(waits.stream().distinct().count()).isGreaterThan(5);
    }
}
