package io.registrycenter.config;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * So many a second, and whoever comes over that is told to come back after one to three seconds, each at another moment.
 *
 * <p>Any thread; never waits. Asked one at a time: the limiter parks a thread that loses a race for its state, and event loops
 * must not park.
 */
final class RateAdmission implements Supplier<Duration> {

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final long SHORTEST_MS = 1_000;
    private static final long LONGEST_MS = 3_000;

    private final RandomGenerator random;

    /** Null: any number. */
    @GuardedBy("this")
    private final @Nullable RateLimiter limiter;

    /** @param perSecond 0: any number */
    RateAdmission(String name, int perSecond, RandomGenerator random) {
        this.random = random;
        this.limiter = perSecond == 0
                ? null
                : RateLimiter.of(
                        name,
                        RateLimiterConfig.custom()
                                .limitForPeriod(perSecond)
                                .limitRefreshPeriod(PERIOD)
                                .timeoutDuration(Duration.ZERO)
                                .build());
    }

    /** Zero lets one in, else when to try again. */
    @Override
    public synchronized Duration get() {
        return limiter == null || limiter.acquirePermission() ? Duration.ZERO : later(random);
    }

    /** When somebody who is refused comes back: not together with the others. */
    static Duration later(RandomGenerator random) {
        return Duration.ofMillis(random.nextLong(SHORTEST_MS, LONGEST_MS));
    }
}
