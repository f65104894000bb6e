package io.registrycenter.session;

import java.time.Duration;

/**
 * When expiry is too much to be true.
 *
 * @param share part of the sessions that may vanish within the window, 0..1
 * @param floor as many may vanish in any case
 * @param window over which vanished sessions are counted
 * @param maxFreeze after this time of holding, expiry goes on at the pace
 * @param perSecond the pace
 */
public record BrakeSettings(double share, int floor, Duration window, Duration maxFreeze, int perSecond) {

    public static final BrakeSettings DEFAULT =
            new BrakeSettings(0.15, 50, Duration.ofSeconds(60), Duration.ofMinutes(15), 500);
}
