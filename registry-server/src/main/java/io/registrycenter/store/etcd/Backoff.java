package io.registrycenter.store.etcd;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * How long to wait before the next try: any time up to a limit that doubles with each try (full jitter), so that many servers
 * that lost etcd at once do not come back at once.
 *
 * <p>Not thread-safe: confined to whoever tries.
 */
final class Backoff {

    static final long FIRST_MS = 50;

    private final long mostMs;
    private final LongSupplier random;
    private int tries;

    Backoff(long mostMs, LongSupplier random) {
        this.mostMs = mostMs;
        this.random = random;
    }

    /** For whoever has a deadline. */
    static Backoff ofCall() {
        return new Backoff(500, () -> ThreadLocalRandom.current().nextLong());
    }

    /** For whoever tries for ever. */
    static Backoff ofStream() {
        return new Backoff(5_000, () -> ThreadLocalRandom.current().nextLong());
    }

    /** In milliseconds, at least 1. */
    long next() {
        long limit = Math.min(mostMs, FIRST_MS << Math.min(tries, 16));
        tries++;
        return 1 + Math.floorMod(random.getAsLong(), limit);
    }

    /** It works again. */
    void reset() {
        tries = 0;
    }
}
