package io.registrycenter.view;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether this server stood still lately: stopped, frozen with its machine, or in a collection that took very long. What it finds
 * in its sockets then may be over for those who sent it: they gave up, asked another server, and went on.
 *
 * <p>Somebody in this process gives a sign four times a second ({@code Sessions.sweep}), and everybody who asks gives one as
 * well: where two signs are further apart than the pause, nobody ran in between. So the first thread that runs again finds it
 * out, whichever it is, and the others are told by it.
 *
 * <p>Who read something, asks afterwards, and hears no, has read what stood before a standstill that begins now. For any thread;
 * two volatile reads.
 */
public final class Standstill {

    /** What waited in the sockets is through within this time. */
    static final Duration AFTERMATH = Duration.ofSeconds(1);

    /** Signs that come closer need not be written down: the field is shared by all event loops. */
    private static final long GRAIN_NANOS = Duration.ofMillis(100).toNanos();

    private final LongSupplier nanoTime;
    private final long pauseNanos;

    /** When the last standstill was over. Written before the sign that hides it. */
    private volatile long overNanos;

    private volatile long signNanos;

    /** @param pause the longest time without a sign that is no standstill */
    public Standstill(LongSupplier nanoTime, Duration pause) {
        this.nanoTime = nanoTime;
        this.pauseNanos = pause.toNanos();
        begin();
    }

    /** Signs come from now on; what was before is no standstill. */
    public void begin() {
        long now = nanoTime.getAsLong();
        overNanos = now - AFTERMATH.toNanos();
        signNanos = now;
    }

    /** Whether this server stands still, or did until a moment ago: a second. A sign, too. */
    public boolean lately() {
        long sign = signNanos;
        long now = nanoTime.getAsLong();
        long silent = now - sign;
        if (silent > pauseNanos) {
            overNanos = now;
        }
        if (silent > GRAIN_NANOS) {
            signNanos = now;
        }
        return now - overNanos < AFTERMATH.toNanos();
    }
}
