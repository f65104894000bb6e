package io.registrycenter.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.registrycenter.observe.Meters;
import io.registrycenter.watch.WatchTimings;
import java.util.concurrent.TimeUnit;

/** Gives how long things take to Micrometer: one addition to a histogram each. Any thread. */
final class MeteredTimings implements WatchTimings {

    private final Timer propagation;
    private final Timer roundTrip;

    MeteredTimings(MeterRegistry registry) {
        this.propagation = MeterWiring.timer(registry, Meters.WATCH_PROPAGATION);
        this.roundTrip = MeterWiring.timer(registry, Meters.WATCH_ROUND_TRIP);
    }

    @Override
    public void propagated(long nanos) {
        propagation.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void heartbeatAnswered(long nanos) {
        roundTrip.record(nanos, TimeUnit.NANOSECONDS);
    }
}
