package io.registrycenter.client.internal.callback;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The right to empty one mailbox, which one thread of an executor has at a time.
 *
 * <pre>
 *          wake              run                wake
 *   IDLE --------> HANDED --------> RUNNING <---------> WOKEN
 *    ^               ^                 |       another
 *    |               |                 |       round
 *    +---------------|-----------------+  nothing is left
 *                    +-----------------+  a fault ended the round
 * </pre>
 *
 * <p>A hand-over that comes to nothing (the executor threw, or dropped the task) is repeated: with the next wake, or by
 * {@link Turns}, after 1 s, 2 s, 4 s, and so on up to each 30 s. Of several hand-overs the first to run is the turn and the others
 * do nothing, so that calls are neither repeated nor reordered, and never two at a time. Any thread; {@link #wake} does not throw.
 */
final class Turn implements Runnable {

    private static final long REPEAT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_REPEAT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private enum State {
        IDLE,
        /** Handed to the executor, where it has not begun. */
        HANDED,
        RUNNING,
        /** Runs, and was woken meanwhile. */
        WOKEN
    }

    /** What has taken too long, in words for the log. */
    record Delay(String what, long nanos) {}

    private final Turns turns;
    /** Calls {@link #executor}, which may block, or run the turn there and then. */
    private final Executor via;

    private final Executor executor;
    private final String what;
    /** Delivers one item; false when there is none. */
    private final BooleanSupplier deliverOne;

    @GuardedBy("this")
    private State state = State.IDLE;

    /** When it was handed over first, or when the call that runs began. */
    @GuardedBy("this")
    private long sinceNanos;

    /** When the hand-over is repeated, and how long it waits then. */
    @GuardedBy("this")
    private long repeatAtNanos;

    @GuardedBy("this")
    private long repeatNanos;

    /** When the delay is named in the log next, and whether it was. */
    @GuardedBy("this")
    private long nameAtNanos;

    @GuardedBy("this")
    private boolean named;

    @GuardedBy("this")
    private @Nullable Thread runner;

    /** A thread is inside the executor's {@code execute}: no second one goes there. */
    @GuardedBy("this")
    private boolean giving;

    /**
     * Nothing waits yet.
     *
     * @param what named in the log, for example the listener
     */
    Turn(Turns turns, Executor via, Executor executor, String what, BooleanSupplier deliverOne) {
        this.turns = turns;
        this.via = via;
        this.executor = executor;
        this.what = what;
        this.deliverOne = deliverOne;
    }

    /**
     * Something was put into the mailbox.
     *
     * @return whether the turn is under way; if not, there was no memory for it, and the next wake tries again
     */
    @CanIgnoreReturnValue
    boolean wake() {
        try {
            if (woken(turns.nanoTime())) {
                handOver();
            }
            turns.lookSoon();
            return true;
        } catch (Throwable fault) {
            turns.failed(what, fault);
            return underWay();
        }
    }

    private synchronized boolean underWay() {
        return state != State.IDLE;
    }

    /** Whether it is to be handed over. */
    private synchronized boolean woken(long now) {
        return switch (state) {
            case IDLE -> {
                turns.add(this);
                handed(now);
                yield true;
            }
            case HANDED -> repeats(now);
            case RUNNING -> {
                state = State.WOKEN;
                yield false;
            }
            case WOKEN -> false;
        };
    }

    private synchronized void handed(long now) {
        state = State.HANDED;
        runner = null;
        repeatNanos = REPEAT_NANOS;
        repeatAtNanos = now + REPEAT_NANOS;
        begins(now);
    }

    /** Whether the hand-over has waited for so long that it is repeated now. */
    private synchronized boolean repeats(long now) {
        if (state != State.HANDED || now - repeatAtNanos < 0) {
            return false;
        }
        repeatNanos = Math.min(MAX_REPEAT_NANOS, 2 * repeatNanos);
        repeatAtNanos = now + repeatNanos;
        return true;
    }

    private void handOver() {
        try {
            via.execute(this::give);
        } catch (Throwable refused) {
            turns.failed(what, refused);
        }
    }

    private void give() {
        synchronized (this) {
            if (giving || state != State.HANDED) {
                return;
            }
            giving = true;
        }
        try {
            executor.execute(this);
        } catch (Throwable refused) {
            // Whatever an executor throws, out of memory too: the turn stays handed over, and that is repeated.
            turns.failed(what, refused);
        } finally {
            synchronized (this) {
                giving = false;
            }
        }
    }

    /** Repeats a hand-over that is due. */
    void look(long now) {
        if (repeats(now)) {
            handOver();
        }
    }

    /** Hands it over once more where it has not begun. */
    void handOverNow() {
        boolean waits;
        synchronized (this) {
            waits = state == State.HANDED;
        }
        if (waits) {
            handOver();
        }
    }

    /** What has taken so long that it is to be named in the log, which is due again after twice that time. */
    synchronized @Nullable Delay overdue(long now) {
        if (state == State.IDLE || now - nameAtNanos < 0) {
            return null;
        }
        named = true;
        long nanos = now - sinceNanos;
        nameAtNanos = now + Math.min(Turns.MAX_SILENCE_NANOS, nanos);
        Thread by = runner;
        return new Delay(
                by == null
                        ? what + " waits for its executor"
                        : what + " has not returned, on thread " + by.getName() + ",",
                nanos);
    }

    @Override
    public void run() {
        if (!begin()) {
            return;
        }
        boolean over = false;
        try {
            do {
                while (deliverOne.getAsBoolean()) {
                    called();
                }
                called();
            } while (!end());
            over = true;
        } finally {
            if (!over) {
                // A fault of ours: what waits is delivered with the next hand-over.
                handed(turns.nanoTime());
            }
        }
    }

    private synchronized boolean begin() {
        if (state != State.HANDED) {
            return false;
        }
        state = State.RUNNING;
        runner = Thread.currentThread();
        begins(turns.nanoTime());
        return true;
    }

    private synchronized void begins(long now) {
        sinceNanos = now;
        nameAtNanos = now + Turns.BLOCKED_NANOS;
        named = false;
    }

    /** One call has returned. */
    private void called() {
        long now = turns.nanoTime();
        boolean wasNamed;
        long nanos;
        synchronized (this) {
            wasNamed = named;
            nanos = now - sinceNanos;
            begins(now);
        }
        if (wasNamed) {
            turns.returned(what, nanos);
        }
    }

    /** Whether nothing is left. */
    private synchronized boolean end() {
        if (state == State.WOKEN) {
            state = State.RUNNING;
            return false;
        }
        state = State.IDLE;
        runner = null;
        turns.remove(this);
        return true;
    }
}
