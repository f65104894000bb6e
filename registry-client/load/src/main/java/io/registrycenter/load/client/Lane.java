package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.util.concurrent.ScheduledFuture;
import io.registrycenter.load.wire.Connection;
import io.registrycenter.load.wire.Ending;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Calls on one connection: as many in flight as it has slots, or one at each tick of a clock. Confined to the
 * connection's loop.
 */
final class Lane {
    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static final int BRAKE_PERIOD_MS = 1;

    private final Connection connection;
    private final Write write;
    private final EventLoop loop;
    private final Workload workload;
    private final ArrayDeque<WriteCall> idle = new ArrayDeque<>();
    private final int slots;
    private long left;
    private boolean paced;
    private @Nullable CompletableFuture<Void> finished;
    private @Nullable ScheduledFuture<?> clock;
    private Acks acks = new Acks();
    private Brake brake = Brake.none();

    /** What was acknowledged since the last reading. */
    static final class Acks {
        final Histogram latency = new Histogram(MAX_LATENCY_NANOS, 3);
        long errors;
        long skipped;
        long maxRevision;
        String firstError = "";

        @Nullable
        Arrivals sends;
    }

    Lane(Connection connection, EventLoop loop, Write write, Workload workload, int slots) {
        this.connection = connection;
        this.write = write;
        this.loop = loop;
        this.workload = workload;
        this.slots = slots;
        for (int i = 0; i < slots; i++) {
            idle.add(new WriteCall(write, this::done));
        }
    }

    Workload workload() {
        return workload;
    }

    /** Keeps every slot busy for so many calls, while the brake lets go; completes when the last is answered. */
    CompletableFuture<Void> saturate(long calls, Brake newBrake) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        finished = future;
        left = calls;
        paced = false;
        brake = newBrake;
        clock = loop.scheduleAtFixedRate(this::fill, 0, BRAKE_PERIOD_MS, TimeUnit.MILLISECONDS);
        return future;
    }

    /** Uses every free slot; what the brake held is tried again at the next tick. */
    private void fill() {
        while (left > 0 && !idle.isEmpty() && !brake.holds()) {
            next(idle.remove());
        }
        finishWhenIdle();
    }

    /** One call at each tick; completes after {@link #stop}. Notes when each revision was sent. */
    CompletableFuture<Void> pace(double perSecond) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        finished = future;
        left = Long.MAX_VALUE;
        paced = true;
        acks.sends = new Arrivals();
        long periodNanos = (long) (1e9 / perSecond);
        clock = loop.scheduleAtFixedRate(this::tick, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
        return future;
    }

    /** Starts no more calls. */
    void stop() {
        left = 0;
        stopClock();
        finishWhenIdle();
    }

    private void stopClock() {
        if (clock != null) {
            clock.cancel(false);
            clock = null;
        }
    }

    /** Hands the counters over and begins new ones. */
    Acks take() {
        Acks taken = acks;
        acks = new Acks();
        return taken;
    }

    private void tick() {
        if (idle.isEmpty()) {
            acks.skipped++;
        } else {
            next(idle.remove());
        }
    }

    private void next(WriteCall call) {
        left--;
        call.sentAt(System.nanoTime());
        connection.call(write.method(), call, workload.next(), true);
    }

    private void done(WriteCall call, Ending ending) {
        if (ending.ok() && call.held()) {
            long now = System.nanoTime();
            acks.latency.recordValue(Math.min(MAX_LATENCY_NANOS, now - call.sentNanos()));
            acks.maxRevision = Math.max(acks.maxRevision, call.revision());
            brake.acked(call.revision());
            if (acks.sends != null) {
                acks.sends.add(call.revision(), call.sentNanos());
            }
        } else {
            acks.errors++;
            if (acks.firstError.isEmpty()) {
                acks.firstError = ending.ok() ? "a guard that did not hold" : ending.toString();
            }
            if (ending.connectionGone()) {
                left = 0;
            }
        }
        idle.add(call);
        if (!paced) {
            fill();
        }
        finishWhenIdle();
    }

    private void finishWhenIdle() {
        CompletableFuture<Void> future = finished;
        if (left == 0 && idle.size() == slots && future != null) {
            finished = null;
            stopClock();
            future.complete(null);
        }
    }
}
