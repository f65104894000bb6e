package io.registrycenter.session;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds expiry when more sessions than believable would vanish within the window.
 *
 * <p>{@link #allow} is called by the sweeping thread alone; the rest may be called from any thread.
 */
final class ExpiryBrake {

    private static final Logger log = LoggerFactory.getLogger(ExpiryBrake.class);

    private static final int BUCKETS = 60;

    private final BrakeSettings settings;
    private final long bucketNanos;

    /** Sessions that vanished, by time; what went at the pace is not counted: that was decided on. */
    private final int[] vanished = new int[BUCKETS];

    private long bucket;
    private int vanishedSum;
    private long heldSince;
    private final Pace pace;

    /** Vanished by the hand of other servers and not counted in {@link #vanished} yet. */
    private final AtomicInteger elsewhere = new AtomicInteger();

    private volatile BrakeState state = BrakeState.OFF;
    private final AtomicBoolean releaseAsked = new AtomicBoolean();

    ExpiryBrake(BrakeSettings settings) {
        this.settings = settings;
        bucketNanos = Math.max(1, settings.window().toNanos() / BUCKETS);
        pace = new Pace(settings.perSecond());
    }

    BrakeState state() {
        return state;
    }

    /** Asks to go on at the pace from the next sweep on. False when nothing is held. */
    boolean release() {
        if (state != BrakeState.HOLDING) {
            return false;
        }
        releaseAsked.set(true);
        return true;
    }

    /** A session expired on another server. */
    void vanishedElsewhere() {
        elsewhere.incrementAndGet();
    }

    /** Counts what vanished elsewhere as of now; called with each sweep. */
    void count(long nowNanos) {
        roll(nowNanos);
        int others = elsewhere.getAndSet(0);
        vanished[index()] += others;
        vanishedSum += others;
    }

    /**
     * How many of those that are due may go now.
     *
     * @param nowNanos never goes back
     * @param due sessions whose time is up
     * @param alive sessions not removed yet, here and on other servers, those that are due among them
     */
    int allow(long nowNanos, int due, int alive) {
        count(nowNanos);
        int limit = limit(alive);
        boolean believable = vanishedSum + due <= limit;
        switch (state) {
            case OFF -> {
                if (!believable && due > 0) {
                    hold(nowNanos, due, alive, limit);
                }
            }
            case HOLDING -> {
                if (believable) {
                    state = state.to(BrakeState.OFF);
                    log.info("Expiry goes on: {} of {} sessions are silent, at most {} may be.", due, alive, limit);
                } else if (releaseAsked.get()) {
                    pace(nowNanos, due, "an operator released it");
                } else if (nowNanos - heldSince >= settings.maxFreeze().toNanos()) {
                    pace(nowNanos, due, "it was held for " + settings.maxFreeze());
                }
            }
            case PACED -> {
                if (believable) {
                    state = state.to(BrakeState.OFF);
                    log.info("Expiry is back to normal.");
                }
            }
        }
        return switch (state) {
            case OFF -> {
                vanished[index()] += due;
                vanishedSum += due;
                yield due;
            }
            case HOLDING -> 0;
            case PACED -> pace.take(nowNanos, due);
        };
    }

    private int limit(int alive) {
        return Math.max(settings.floor(), (int) Math.floor(settings.share() * (alive + (double) vanishedSum)));
    }

    private void hold(long now, int due, int alive, int limit) {
        state = state.to(BrakeState.HOLDING);
        heldSince = now;
        releaseAsked.set(false);
        log.warn(
                "Expiry is held: {} of {} sessions would vanish within {} ({} did already), at most {} may. Their instances"
                        + " stay registered. Look at the network between the providers and this server first. If they"
                        + " really are gone, let expiry go on with POST /actuator/sessions/release; otherwise they come"
                        + " back by themselves. After {} it goes on at {} sessions a second in any case.",
                due,
                alive,
                settings.window(),
                vanishedSum,
                limit,
                settings.maxFreeze(),
                settings.perSecond());
    }

    private void pace(long now, int due, String why) {
        state = state.to(BrakeState.PACED);
        pace.start(now);
        log.warn("Expiry goes on at {} sessions a second for {} sessions: {}.", settings.perSecond(), due, why);
    }

    private void roll(long now) {
        long newest = now / bucketNanos;
        for (int step = 0; bucket < newest && step < BUCKETS; step++) {
            bucket++;
            vanishedSum -= vanished[index()];
            vanished[index()] = 0;
        }
        bucket = newest;
    }

    private int index() {
        return (int) (bucket % BUCKETS);
    }
}
