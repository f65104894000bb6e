package io.registrycenter.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.session.SessionRemoval.Result;
import io.registrycenter.store.Store;
import io.registrycenter.view.View;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes sessions that are over, each until the store has taken it, never more than {@value #UNDER_WAY} at once, so that
 * they do not fill the store's queue. What waits is bounded by the number of sessions. Any thread.
 */
final class Removals {

    private static final Logger log = LoggerFactory.getLogger(Removals.class);

    static final int UNDER_WAY = 256;

    /** When a session that could not be removed comes up again. */
    private static final long RETRY_NANOS = 1_000_000_000L;

    /** Is told how a try ended: exactly one of the two is null. */
    interface Listener {
        void ended(Session session, @Nullable Result result, @Nullable Throwable failure);
    }

    private final Store store;
    private final View view;
    private final Executor executor;
    private final DeadlineWheel wheel;
    private final Listener listener;

    /** Whether the last try failed: said once, and once more when it works again. */
    private final AtomicBoolean failing = new AtomicBoolean();

    @GuardedBy("this")
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private int underWay;

    Removals(Store store, View view, Executor executor, DeadlineWheel wheel, Listener listener) {
        this.store = store;
        this.view = view;
        this.executor = executor;
        this.wheel = wheel;
        this.listener = listener;
    }

    /** Starts a try unless one is under way; called again each time the session comes up until it is gone. */
    void remove(Session session, long now) {
        wheel.schedule(session, now + RETRY_NANOS);
        SessionRemoval running = session.removal();
        if (running != null) {
            running.giveUpIfStuck(now);
            startNext();
            return;
        }
        RemovalReason reason =
                session.state() == SessionState.CLOSED ? RemovalReason.DEREGISTERED : RemovalReason.SESSION_EXPIRED;
        SessionRemoval removal = new SessionRemoval(
                store, view, executor, session.id, session.revision(), reason, session.orphanOf(), now);
        if (session.removing(removal)) {
            submit(() -> {
                var unused = removal.start().whenComplete((result, failure) -> ended(session, result, failure));
            });
        }
    }

    private void ended(Session session, @Nullable Result result, @Nullable Throwable failure) {
        session.removalEnded();
        if (failure == null) {
            if (failing.compareAndSet(true, false)) {
                log.info("Sessions that are over are being removed again.");
            }
        } else if (failing.compareAndSet(false, true)) {
            log.warn(
                    "Sessions that are over cannot be removed now, this is tried every second: {}", failure.toString());
        }
        try {
            listener.ended(session, result, failure);
        } catch (RuntimeException | Error fault) {
            log.error("What follows the removal of a session failed", fault);
        } finally {
            done();
        }
    }

    private void submit(Runnable start) {
        synchronized (this) {
            waiting.add(start);
        }
        startNext();
    }

    /** Starts the next try that waits, if there is room. */
    private void startNext() {
        Runnable start;
        synchronized (this) {
            start = underWay < UNDER_WAY ? waiting.poll() : null;
            if (start == null) {
                return;
            }
            underWay++;
        }
        start.run();
    }

    private void done() {
        boolean more;
        synchronized (this) {
            underWay--;
            more = !waiting.isEmpty();
        }
        if (more) {
            // On the executor: a chain of removals that end at once must not grow the stack. Were it not taken, the
            // next session
            // that comes up starts one.
            executor.execute(this::startNext);
        }
    }
}
