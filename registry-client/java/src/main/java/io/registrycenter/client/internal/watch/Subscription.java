package io.registrycenter.client.internal.watch;

import io.registrycenter.client.Change;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.View;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import io.registrycenter.client.internal.cache.CachedView;
import io.registrycenter.client.internal.cache.ViewCache;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.callback.ViewMailbox;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.stats.Counters;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watch of the user: a replica, what of it readers see, and the way to the listener. Begins with what a former process
 * knew, where that was remembered.
 *
 * <p>What the user calls is for any thread and reads one volatile picture; everything else is confined to the serial
 * executor.
 */
final class Subscription implements Watch, ViewCache.Source {

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
    private final ViewCache cache;
    private final Counters counters;
    private final InstantSource wallClock;
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
            ViewCache cache,
            Counters counters,
            InstantSource wallClock,
            Consumer<Subscription> onClose) {
        this.interest = interest;
        this.serial = serial;
        this.callbacks = callbacks;
        this.mailbox = mailbox;
        this.replica = new Replica(resetHold.toNanos());
        this.backoff = backoff;
        this.cache = cache;
        this.counters = counters;
        this.wallClock = wallClock;
        this.onClose = onClose;
        this.picture = begin(cache.former(interest));
    }

    private Picture begin(@Nullable CachedView former) {
        long now = serial.nanoTime();
        if (former == null) {
            return new Picture(List.of(), List.of(), null, true, now);
        }
        replica.restore(former.cursor(), former.instances(), former.heldInstances(), now);
        List<Instance> instances = replica.instances();
        List<Change> changes = new ArrayList<>(instances.size());
        instances.forEach(instance -> changes.add(new Change.Put(instance, null, instance.modifiedRevision())));
        mailbox.offer(new ViewChange(interest, SnapshotReason.CACHED, changes, instances, former.cursor(), false));
        // A wall clock that was set back makes it younger than it is, never from the future.
        Duration age = Duration.between(former.provenAt(), wallClock.instant());
        return new Picture(
                instances,
                replica.heldInstances(),
                former.cursor(),
                true,
                now - (age.isNegative() ? 0 : age.toNanos()));
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
        return new View(now.instances(), now.cursor(), now.stale(), age(now), now.held());
    }

    @Override
    public Duration staleFor() {
        return age(picture);
    }

    private Duration age(Picture now) {
        return now.stale() ? Duration.ofNanos(Math.max(0, serial.nanoTime() - now.provenNanos())) : Duration.ZERO;
    }

    @Override
    public @Nullable CachedView lastKnown() {
        Picture now = picture;
        Cursor at = now.cursor();
        if (at == null) {
            return null;
        }
        List<Instance> heldFirst = new ArrayList<>(now.held());
        Set<Instance> held = new HashSet<>(now.held());
        now.instances().stream().filter(instance -> !held.contains(instance)).forEach(heldFirst::add);
        Instant provenAt = wallClock.instant().minus(age(now));
        return new CachedView(interest, at, heldFirst, held.size(), provenAt);
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
        Picture after = new Picture(instances, held, at, before.stale(), before.provenNanos());
        if (moved) {
            tell(after, new ViewChange(interest, step.snapshot(), step.changes(), instances, at, step.coalesced()));
            awaitHold();
        } else {
            picture = after;
        }
        if (step.snapshot() != null) {
            counters.snapshot(step.snapshot());
        }
        cache.moved(this, moved);
    }

    /** Readers see it before the listener is told, and not at all when that cannot be: then both are behind. */
    private void tell(Picture after, ViewChange step) {
        Picture before = picture;
        boolean told = false;
        picture = after;
        try {
            mailbox.offer(step);
            told = true;
        } finally {
            if (!told) {
                picture = before;
            }
        }
    }

    /** A frame was handled in part: the copy is again what was shown last, and goes on from that cursor. */
    void rollBack() {
        serial.check();
        Picture shown = picture;
        replica.restore(shown.cursor(), shown.instances(), shown.held(), serial.nanoTime());
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
        counters.gap();
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
        cache.closed(this);
        counters.closed(this);
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
                dropHeld();
                awaitHold();
            });
        }
    }

    private void dropHeld() {
        boolean shown = false;
        try {
            show(replica.dropHeld(serial.nanoTime()));
            shown = true;
        } finally {
            if (!shown) {
                rollBack();
            }
        }
    }

    private void stopHold() {
        if (hold != null) {
            hold.cancel();
            hold = null;
        }
    }
}
