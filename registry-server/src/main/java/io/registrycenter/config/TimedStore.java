package io.registrycenter.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.observe.Meters;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreState;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.WriteOutcomes;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any engine, with the time of its commits measured, from the call to the moment the outcome is durable, and with their outcomes
 * watched: commits that fail one after the other, or wait without end, are a {@link #writeObstacle} even when the engine names
 * none. Any thread.
 */
final class TimedStore implements Store {

    private static final Logger log = LoggerFactory.getLogger(TimedStore.class);

    private final Store engine;
    private final LongSupplier nanoTime;
    private final Timer committed;
    private final Timer conflict;
    private final Timer failed;
    private final WriteOutcomes outcomes = new WriteOutcomes();

    /** Whether the log says that writes do not succeed. */
    private final AtomicBoolean obstructed = new AtomicBoolean();

    TimedStore(Store engine, MeterRegistry registry, LongSupplier nanoTime) {
        this.engine = engine;
        this.nanoTime = nanoTime;
        this.committed = MeterWiring.timer(registry, Meters.STORE_COMMIT, "COMMITTED");
        this.conflict = MeterWiring.timer(registry, Meters.STORE_COMMIT, "CONFLICT");
        this.failed = MeterWiring.timer(registry, Meters.STORE_COMMIT, "FAILED");
    }

    @Override
    public CompletableFuture<Outcome> commit(Transaction transaction, Judgement judgement) {
        long begun = nanoTime.getAsLong();
        outcomes.begun(begun);
        CompletableFuture<Outcome> outcome;
        try {
            outcome = engine.commit(transaction, judgement);
        } catch (RuntimeException | Error fault) {
            OutOfMemory.endIfCause(fault);
            outcomes.failed(begun, nanoTime.getAsLong(), fault);
            throw fault;
        }
        var unused = outcome.whenComplete((known, failure) -> {
            long now = nanoTime.getAsLong();
            timer(known).record(now - begun, TimeUnit.NANOSECONDS);
            if (failure == null) {
                outcomes.succeeded(now);
            } else {
                OutOfMemory.endIfCause(failure);
                outcomes.failed(begun, now, failure);
            }
        });
        return outcome;
    }

    private Timer timer(@Nullable Outcome outcome) {
        return switch (outcome) {
            case null -> failed;
            case Outcome.Committed done -> committed;
            case Outcome.Conflict lost -> conflict;
        };
    }

    @Override
    public String epoch() {
        return engine.epoch();
    }

    @Override
    public long head() {
        return engine.head();
    }

    @Override
    public CompletableFuture<Long> provenHead() {
        return engine.provenHead();
    }

    @Override
    public Presence announce(String owner, RecordValue.NodeRecord node) {
        return engine.announce(owner, node);
    }

    @Override
    public long floor() {
        return engine.floor();
    }

    @Override
    public long historyBytes() {
        return engine.historyBytes();
    }

    @Override
    public long writes() {
        return engine.writes();
    }

    @Override
    public OptionalLong freeBytes() {
        return engine.freeBytes();
    }

    @Override
    public @Nullable String writeObstacle() {
        String known = engine.writeObstacle();
        return known == null ? observedObstacle() : known;
    }

    private @Nullable String observedObstacle() {
        String observed = outcomes.obstacle(nanoTime.getAsLong());
        if (obstructed.compareAndSet(observed == null, observed != null)) {
            if (observed == null) {
                log.info("Writes succeed again, or nobody tries any more: this server is ready for them.");
            } else {
                log.warn("Writes do not succeed, and readiness says so until they do: {}", observed);
            }
        }
        return observed;
    }

    @Override
    public @Nullable String alarm() {
        return engine.alarm();
    }

    @Override
    public List<StoredRecord> read(long revision) {
        return engine.read(revision);
    }

    @Override
    public StoreState readNewest() {
        return engine.readNewest();
    }

    @Override
    public Following follow(long after, Follower follower) {
        return engine.follow(after, follower);
    }

    @Override
    public CompletableFuture<Long> compact(long revision) {
        return engine.compact(revision);
    }

    @Override
    public void close() {
        engine.close();
    }
}
