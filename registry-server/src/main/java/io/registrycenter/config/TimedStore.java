package io.registrycenter.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.registrycenter.observe.Meters;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Any engine, with the time of its commits measured: from the call to the moment its outcome is durable. Any thread. */
final class TimedStore implements Store {

    private final Store engine;
    private final LongSupplier nanoTime;
    private final Timer committed;
    private final Timer conflict;
    private final Timer failed;

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
        CompletableFuture<Outcome> outcome = engine.commit(transaction, judgement);
        var unused = outcome.whenComplete(
                (known, failure) -> timer(known).record(nanoTime.getAsLong() - begun, TimeUnit.NANOSECONDS));
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
    public @Nullable String writeObstacle() {
        return engine.writeObstacle();
    }

    @Override
    public List<StoredRecord> read(long revision) {
        return engine.read(revision);
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
