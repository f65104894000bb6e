package io.registrycenter.client.internal.callback;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.WatchListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Steps that wait for one watch listener: in order, and bounded. Above the bound they become one step from what the
 * listener was told last to the newest view.
 *
 * <p>The bound is {@link #MAX_STEPS} steps and {@link #MAX_CHANGES} changes (at most 16 KiB each), whichever comes first;
 * a single step is always taken. Any thread.
 */
public final class ViewMailbox {

    static final int MAX_STEPS = 64;
    static final int MAX_CHANGES = 1024;

    private final @Nullable WatchListener listener;
    private final String what;
    private final Turn turn;

    @GuardedBy("this")
    private final Deque<ViewChange> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private int waitingChanges;

    /** Takes the place of {@link #waiting} once that was full; null before. */
    @GuardedBy("this")
    private @Nullable MergedStep merged;

    @GuardedBy("this")
    private List<Instance> told = List.of();

    @GuardedBy("this")
    private @Nullable RegistryException refusal;

    @GuardedBy("this")
    private boolean closed;

    ViewMailbox(Callbacks callbacks, @Nullable WatchListener listener, Interest interest) {
        this.listener = listener;
        this.what = listener == null
                ? "No listener"
                : "Watch listener " + listener.getClass().getName() + " of " + interest;
        this.turn = callbacks.turn(what, this::deliverOne);
    }

    /** Throws only where the step was not taken. */
    public void offer(ViewChange step) {
        if (listener == null) {
            return;
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            if (merged != null) {
                merged.add(step);
            } else if (waiting.isEmpty()
                    || (waiting.size() < MAX_STEPS
                            && waitingChanges + step.changes().size() <= MAX_CHANGES)) {
                waiting.addLast(step);
                waitingChanges += step.changes().size();
            } else {
                MergedStep all = new MergedStep(told);
                waiting.forEach(all::add);
                all.add(step);
                merged = all;
                waiting.clear();
                waitingChanges = 0;
            }
        }
        turn.wake();
    }

    /** The last thing the listener hears. */
    public void refuse(RegistryException reason) {
        synchronized (this) {
            refusal = reason;
        }
        turn.wake();
    }

    /** Drops what waits. */
    public synchronized void close() {
        closed = true;
        waiting.clear();
        waitingChanges = 0;
        merged = null;
    }

    private boolean deliverOne() {
        WatchListener to = listener;
        if (to == null) {
            return false;
        }
        ViewChange step = next();
        if (step != null) {
            Callbacks.guarded(what, () -> {
                if (step.snapshot() != null) {
                    to.onSnapshot(step);
                } else {
                    to.onChanges(step);
                }
            });
            return true;
        }
        RegistryException reason = refused();
        if (reason != null) {
            Callbacks.guarded(what, () -> to.onRefused(reason));
        }
        return false;
    }

    private synchronized @Nullable ViewChange next() {
        ViewChange step;
        if (merged != null) {
            step = merged.build();
            merged = null;
        } else {
            step = waiting.pollFirst();
            if (step != null) {
                waitingChanges -= step.changes().size();
            }
        }
        if (step != null) {
            told = step.instances();
        }
        return step;
    }

    private synchronized @Nullable RegistryException refused() {
        RegistryException reason = closed ? null : refusal;
        refusal = null;
        return reason;
    }
}
