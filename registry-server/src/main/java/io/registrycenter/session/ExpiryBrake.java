package io.registrycenter.session;

import java.util.concurrent.atomic.AtomicBoolean;
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
    private long pacedAt;
    private double pacedBudget;

    private volatile BrakeState state = BrakeState.OFF;
    private final AtomicBoolean releaseAsked = new AtomicBoolean();

    ExpiryBrake(BrakeSettings settings) {
        this.settings = settings;
        bucketNanos = Math.max(1, settings.window().toNanos() / BUCKETS);
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

    /**
     * How many of those that are due may go now.
     *
     * @param nowNanos never goes back
     * @param due sessions whose time is up
     * @param alive sessions not removed yet, those that are due among them
     */
    int allow(long nowNanos, int due, int alive) {
        roll(nowNanos);
        int limit = limit(alive);
        boolean believable = vanishedSum + due <= limit;
        switch (state) {
            case OFF -> {
                if (!believable) {
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
            case PACED -> paced(nowNanos, due);
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
        pacedAt = now;
        pacedBudget = 0;
        log.warn("Expiry goes on at {} sessions a second for {} sessions: {}.", settings.perSecond(), due, why);
    }

    private int paced(long now, int due) {
        double second = (now - pacedAt) / 1e9;
        pacedAt = now;
        pacedBudget = Math.min(settings.perSecond(), pacedBudget + second * settings.perSecond());
        int allowed = (int) Math.min(due, Math.floor(pacedBudget));
        pacedBudget -= allowed;
        return allowed;
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
