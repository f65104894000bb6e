package io.registrycenter.memory;

import java.time.Duration;

/**
 * How much history may be kept, given what collections leave of the heap: all of its share while there is room, less while there
 * is not, nothing in the end. Confined to one thread.
 *
 * <p>Judges once for each new figure, since nothing is known between two collections. Above {@value #TIGHT} of the old
 * generation history gives up what is over {@value #AIM} of it; below {@value #EASY} it gets an eighth of its share back at a time.
 *
 * <p>A process that stood still for collections for most of {@link #WINDOW}, when history had nothing more to give, is out of
 * memory: it answers nobody in time, and never fails clearly.
 */
public final class HeapPressure {

    static final double TIGHT = 0.85;
    static final double AIM = 0.75;
    static final double EASY = 0.70;
    static final double HOPELESS = 0.8;
    static final Duration WINDOW = Duration.ofSeconds(30);

    private static final int STEPS_BACK = 8;

    private final long share;
    private long allowed;
    private long judgedLive = -1;
    private long windowNanos;
    private long windowCollectionMs;

    /** @param share bytes that history may take while there is room */
    public HeapPressure(long share, long nowNanos) {
        this.share = share;
        this.allowed = share;
        this.windowNanos = nowNanos;
    }

    /** Bytes that history may take now. */
    public long allowed() {
        return allowed;
    }

    public boolean tight() {
        return allowed < share;
    }

    /**
     * Takes a sample.
     *
     * @param held bytes that history takes now
     * @return bytes that it may take from now on
     */
    public long judge(HeapSample sample, long held) {
        if (sample.max() <= 0 || sample.live() == judgedLive) {
            return allowed;
        }
        judgedLive = sample.live();
        double used = (double) sample.live() / sample.max();
        if (used > TIGHT) {
            long over = sample.live() - (long) (sample.max() * AIM);
            allowed = Math.max(0, Math.min(allowed, held) - over);
        } else if (used < EASY) {
            allowed = Math.min(share, allowed + share / STEPS_BACK);
        }
        return allowed;
    }

    /** Whether the process hardly does anything but collect; asked about once a second. */
    public boolean hopeless(HeapSample sample, long nowNanos) {
        if (windowCollectionMs == 0) {
            windowCollectionMs = sample.collectionMs();
        }
        if (nowNanos - windowNanos < WINDOW.toNanos()) {
            return false;
        }
        double spent = (sample.collectionMs() - windowCollectionMs) * 1e6 / (nowNanos - windowNanos);
        windowNanos = nowNanos;
        windowCollectionMs = sample.collectionMs();
        return spent >= HOPELESS && tight();
    }
}
