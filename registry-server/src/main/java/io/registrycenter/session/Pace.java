package io.registrycenter.session;

/** So many a second and no more, with nothing saved up beyond a second's worth. Confined to one thread. */
final class Pace {

    private final int perSecond;
    private long lastNanos;
    private double budget;

    Pace(int perSecond) {
        this.perSecond = perSecond;
    }

    /** From now on, with nothing saved up. */
    void start(long nowNanos) {
        lastNanos = nowNanos;
        budget = 0;
    }

    /** How many may go now, of so many that want to. */
    int take(long nowNanos, int wanted) {
        double seconds = (nowNanos - lastNanos) / 1e9;
        lastNanos = nowNanos;
        budget = Math.min(perSecond, budget + seconds * perSecond);
        int allowed = (int) Math.min(wanted, Math.floor(budget));
        budget -= allowed;
        return allowed;
    }
}
