package io.registrycenter.client.internal.watch;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.View;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.callback.ViewMailbox;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Serial;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watch of the user: a replica, what of it readers see, and the way to the listener.
 *
 * <p>What the user calls is for any thread and reads one volatile picture; everything else is confined to the serial
 * executor.
 */
final class Subscription implements Watch {

    /** What readers see; replaced whole. */
    private record Picture(
            List<Instance> instances,
            List<Instance> held,
            @Nullable Cursor cursor,
            boolean stale,
            long provenNanos) {}

    /** Where the subscription stands with the stream. */
    enum State {
        /** Asks, will ask, or follows. */
        ACTIVE,
        /** Refused for good. */
        REFUSED,
        /** Closed by the user. */
        CLOSED
    }

    final Backoff backoff;
    Serial.@Nullable Timer retry;

    private final Interest interest;
    private final Serial serial;
    private final Replica replica;
    private final ViewMailbox mailbox;
    private final Callbacks callbacks;
    private final Consumer<Subscription> onClose;
    private final CompletableFuture<Cursor> synced = new CompletableFuture<>();
    private State state = State.ACTIVE;
    private Serial.@Nullable Timer hold;
    private volatile Picture picture;
    private final AtomicLong resyncs = new AtomicLong();

    private long freshSinceNanos;

    Subscription(
            Interest interest,
            Serial serial,
            Callbacks callbacks,
            ViewMailbox mailbox,
            Duration resetHold,
            Backoff backoff,
            Consumer<Subscription> onClose) {
        this.interest = interest;
        this.serial = serial;
        this.callbacks = callbacks;
        this.mailbox = mailbox;
        this.replica = new Replica(resetHold.toNanos());
        this.backoff = backoff;
        this.onClose = onClose;
        this.picture = new Picture(List.of(), List.of(), null, true, serial.nanoTime());
    }

    // --- the user's side, any thread

    @Override
    public Interest interest() {
        return interest;
    }

    @Override
    public List<Instance> instances() {
        return picture.instances();
    }

    @Override
    public View view() {
        Picture now = picture;
        Duration age =
                now.stale() ? Duration.ofNanos(Math.max(0, serial.nanoTime() - now.provenNanos())) : Duration.ZERO;
        return new View(now.instances(), now.cursor(), now.stale(), age, now.held());
    }

    @Override
    public CompletionStage<Cursor> synced() {
        return synced;
    }

    @Override
    public long resyncs() {
        return resyncs.get();
    }

    @Override
    public void close() {
        mailbox.close();
        serial.execute(() -> onClose.accept(this));
    }

    // --- the stream's side, serial executor

    Replica replica() {
        serial.check();
        return replica;
    }

    boolean active() {
        return state == State.ACTIVE;
    }

    /** Shows and tells a step. */
    void show(Step step) {
        serial.check();
        Cursor at = replica.cursor();
        if (at == null) {
            return;
        }
        Picture before = picture;
        boolean moved = step.snapshot() != null || !step.changes().isEmpty();
        List<Instance> instances = moved ? replica.instances() : before.instances();
        List<Instance> held = moved ? replica.heldInstances() : before.held();
        picture = new Picture(instances, held, at, before.stale(), before.provenNanos());
        if (moved) {
            mailbox.offer(new ViewChange(interest, step.snapshot(), step.changes(), instances, at, step.coalesced()));
            awaitHold();
        }
    }

    /** The first answer on a stream is complete: the view has its source. */
    void fresh() {
        serial.check();
        Picture before = picture;
        Cursor at = replica.cursor();
        picture = new Picture(before.instances(), before.held(), at, false, 0);
        freshSinceNanos = serial.nanoTime();
        replica.countHolds(true, freshSinceNanos);
        awaitHold();
        if (at != null && !synced.isDone()) {
            callbacks.complete(synced, at);
        }
    }

    /** The view has lost its source, which proved it last at that time. */
    void stale(long provenNanos) {
        serial.check();
        Picture before = picture;
        if (!before.stale()) {
            picture = new Picture(before.instances(), before.held(), before.cursor(), true, provenNanos);
            replica.countHolds(false, serial.nanoTime());
            stopHold();
        }
    }

    /** One that was followed for long enough starts over with the shortest waits. */
    void countFreshTime() {
        serial.check();
        if (freshSinceNanos != 0) {
            backoff.wasLiveFor(Duration.ofNanos(serial.nanoTime() - freshSinceNanos));
            freshSinceNanos = 0;
        }
    }

    void countResync() {
        serial.check();
        resyncs.incrementAndGet();
    }

    void refuse(RegistryException reason) {
        end(State.REFUSED, reason);
        mailbox.refuse(reason);
    }

    void closed() {
        end(State.CLOSED, RegistryException.closed("the watch of " + interest + " was closed"));
        mailbox.close();
    }

    private void end(State to, RegistryException reason) {
        serial.check();
        if (state != State.ACTIVE) {
            return;
        }
        state = to;
        stale(serial.nanoTime());
        if (retry != null) {
            retry.cancel();
        }
        if (!synced.isDone()) {
            callbacks.fail(synced, reason);
        }
    }

    private void awaitHold() {
        stopHold();
        OptionalLong left = replica.holdLeftNanos(serial.nanoTime());
        if (left.isPresent() && !picture.stale()) {
            hold = serial.schedule(Duration.ofNanos(left.getAsLong()), () -> {
                hold = null;
                show(replica.dropHeld(serial.nanoTime()));
                awaitHold();
            });
        }
    }

    private void stopHold() {
        if (hold != null) {
            hold.cancel();
            hold = null;
        }
    }
}
