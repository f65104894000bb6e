package io.registrycenter.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whose time is up: what the wheel brings up and is not heard, as far as the brake allows.
 *
 * <p>{@link #sweep} is called by one thread at a time; the getters by any.
 */
final class Expiry {

    private static final Logger log = LoggerFactory.getLogger(Expiry.class);

    private final DeadlineWheel wheel;
    private final ExpiryBrake brake;
    private final IntSupplier alive;
    private final long pauseNanos;
    private final Consumer<Session> remove;

    /** Sessions that are due and held by the brake, longest first. */
    private ArrayDeque<Session> due = new ArrayDeque<>();

    private volatile long lastSweep;
    private volatile long grantedAt = Long.MIN_VALUE / 2;
    private volatile int held;
    private final AtomicLong pauses = new AtomicLong();

    /**
     * @param alive how many sessions there are, here and on other servers
     * @param remove takes a session out of the store; called for one whose time is up, and again until it is gone
     */
    Expiry(
            DeadlineWheel wheel,
            ExpiryBrake brake,
            IntSupplier alive,
            SessionSettings settings,
            Consumer<Session> remove) {
        this.wheel = wheel;
        this.brake = brake;
        this.alive = alive;
        this.remove = remove;
        pauseNanos = settings.pause().toNanos();
    }

    /** Sweeps come from now on. */
    void start(long now) {
        lastSweep = now;
    }

    /** Whatever happens, nobody's time is up; see {@link Sessions#hold}. */
    void hold(long now) {
        lastSweep = now;
        grantedAt = now;
    }

    /** Call {@link #stoodStill} first. */
    void sweep(long now) {
        brake.count(now);
        for (DeadlineWheel.Entry entry : wheel.advance(now)) {
            Session session = (Session) entry;
            if (!session.watched()) {
                continue;
            }
            if (!session.state().alive()) {
                remove.accept(session);
            } else if (session.silent(now, grantedAt)) {
                due.add(session);
            } else {
                wheel.schedule(session, session.deadline(grantedAt));
            }
        }
        if (due.isEmpty() && brake.state() == BrakeState.OFF) {
            return;
        }
        dropRevived(now);
        int allowed = brake.allow(now, due.size(), alive.getAsInt());
        List<Session> expired = new ArrayList<>(allowed);
        for (int i = 0; i < allowed; i++) {
            expired.add(due.remove());
        }
        held = due.size();
        for (Session session : expired) {
            if (session.expire(now, grantedAt)) {
                remove.accept(session);
            } else if (session.watched()) {
                wheel.schedule(session, session.deadline(grantedAt));
            }
        }
    }

    /** Sessions whose time is up and that the brake keeps. */
    int held() {
        return held;
    }

    /** When a session's time is up, if nothing is heard of it. */
    long deadline(Session session) {
        return session.deadline(grantedAt);
    }

    /** How often this server noticed that it had stood still. */
    long pauses() {
        return pauses.get();
    }

    /** Whether this server stood still since the last sweep: then every session gets a full TTL. */
    boolean stoodStill(long now) {
        boolean still = now - lastSweep > pauseNanos;
        if (still) {
            grantedAt = now;
            pauses.incrementAndGet();
            log.warn(
                    "This server stood still for {} ms (the sweep of sessions came late): every session gets a full TTL.",
                    (now - lastSweep) / 1_000_000);
        }
        lastSweep = now;
        return still;
    }

    private void dropRevived(long now) {
        ArrayDeque<Session> still = new ArrayDeque<>(due.size());
        for (Session session : due) {
            if (!session.watched() || !session.state().alive()) {
                continue;
            }
            if (session.state() == SessionState.SUSPECT && session.deadline(grantedAt) <= now) {
                still.add(session);
            } else {
                wheel.schedule(session, session.deadline(grantedAt));
            }
        }
        due = still;
    }
}
