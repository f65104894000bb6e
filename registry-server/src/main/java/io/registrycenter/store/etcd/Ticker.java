package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.PutRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the tick key: by its revision the head is proven, cursors move on an idle store, and a watch that no longer delivers is
 * found out.
 *
 * <p>The oldest server ticks every {@link #INTERVAL}. A server that was told nothing for longer ticks itself; one that is then
 * still told nothing has a watch that is stuck, or is cut off. While etcd takes no writes because of an alarm, every server tries,
 * so that each learns of its end.
 *
 * <p>Only a committed write proves anything: where a tick's revision is not above the head that was known before, or its raft term
 * is below one that was committed in before, which only a restored backup can do, etcd has lost history. For any thread.
 */
final class Ticker {

    static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final long DOUBT_NANOS = Duration.ofSeconds(7).toNanos();
    private static final long SILENCE_NANOS = Duration.ofSeconds(12).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);

    private final Calls calls;
    private final Keyspace keys;
    private final Heads heads;
    private final LongSupplier nanoTime;
    private final String name;
    private final Consumer<StoreException> onHistoryLost;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable CompletableFuture<Long> underWay;

    /** Waits for the one under way, which may have been sent before it was asked for. */
    @GuardedBy("lock")
    private @Nullable CompletableFuture<Long> queued;

    @GuardedBy("lock")
    private long count;

    /** The highest in which a tick was committed. */
    @GuardedBy("lock")
    private long term;

    private volatile long sentNanos;
    private volatile long heardNanos;
    private volatile long complainedNanos;

    /**
     * @param name of this server, for whoever looks at the key
     * @param onHistoryLost told when etcd no longer has what it had
     */
    Ticker(
            Calls calls,
            Keyspace keys,
            Heads heads,
            LongSupplier nanoTime,
            String name,
            Consumer<StoreException> onHistoryLost) {
        this.calls = calls;
        this.keys = keys;
        this.heads = heads;
        this.nanoTime = nanoTime;
        this.name = name;
        this.onHistoryLost = onHistoryLost;
        long now = nanoTime.getAsLong();
        this.sentNanos = now - INTERVAL.toNanos();
        this.heardNanos = now;
        this.complainedNanos = now;
    }

    /** The watch delivered something. */
    void heard() {
        heardNanos = nanoTime.getAsLong();
    }

    /** Called every second. */
    void look(BooleanSupplier oldest, Consumer<Duration> onSilence) {
        long now = nanoTime.getAsLong();
        long silentFor = now - heardNanos;
        if (now - sentNanos >= INTERVAL.toNanos()
                && (silentFor > DOUBT_NANOS || calls.alarms().standing() != null || oldest.getAsBoolean())) {
            var unused = tick().whenComplete((revision, failure) -> {
                if (failure != null) {
                    LOG.info("A tick was not written: {}", failure.getMessage());
                }
            });
        }
        if (silentFor > SILENCE_NANOS && now - complainedNanos > INTERVAL.toNanos()) {
            complainedNanos = now;
            onSilence.accept(Duration.ofNanos(silentFor));
        }
    }

    /** The revision of a write that began after this call; fails with a {@link StoreException}. */
    CompletableFuture<Long> tick() {
        CompletableFuture<Long> mine;
        lock.lock();
        try {
            if (underWay != null) {
                if (queued == null) {
                    queued = new CompletableFuture<>();
                }
                return queued;
            }
            mine = new CompletableFuture<>();
            underWay = mine;
        } finally {
            lock.unlock();
        }
        write(mine);
        return mine;
    }

    private void write(CompletableFuture<Long> answer) {
        long before = heads.head();
        sentNanos = nanoTime.getAsLong();
        PutRequest put;
        lock.lock();
        try {
            count++;
            put = PutRequest.newBuilder()
                    .setKey(keys.tick)
                    .setValue(ByteString.copyFromUtf8("{\"server\":\"" + name + "\",\"count\":" + count + "}"))
                    .build();
        } finally {
            lock.unlock();
        }
        var unused = calls.untilAnswered(KVGrpc.getPutMethod(), put).whenComplete((response, failure) -> {
            writeNext();
            if (failure != null) {
                answer.completeExceptionally(
                        Troubles.asStoreException("the head of the history is not known", failure));
                return;
            }
            long revision = response.getHeader().getRevision();
            long ended = termBefore(response.getHeader().getRaftTerm());
            if (revision <= before || ended > 0) {
                StoreException lost = LostHistory.because(
                        revision <= before
                                ? "it went back from revision " + before + " to " + revision
                                : "it went back from raft term " + ended + " to "
                                        + response.getHeader().getRaftTerm());
                answer.completeExceptionally(lost);
                onHistoryLost.accept(lost);
            } else {
                heads.reached(revision);
                answer.complete(revision);
            }
        });
    }

    /** The highest term before, where it was higher than this one; else 0. */
    private long termBefore(long committedIn) {
        lock.lock();
        try {
            long before = term;
            term = Math.max(term, committedIn);
            return before > committedIn ? before : 0;
        } finally {
            lock.unlock();
        }
    }

    private void writeNext() {
        CompletableFuture<Long> next;
        lock.lock();
        try {
            next = queued;
            underWay = next;
            queued = null;
        } finally {
            lock.unlock();
        }
        if (next != null) {
            write(next);
        }
    }
}
