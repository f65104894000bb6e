package io.registrycenter.config;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.grpc.TransportCounts;
import io.registrycenter.observe.Meters;
import java.util.EnumMap;
import java.util.Map;

/** Gives what the transport counts to Micrometer. Any thread. */
final class TransportMeters implements TransportCounts {

    private final MeterRegistry registry;
    private final Map<CloseCause, Counter> connections;
    private final Map<CloseCause, Counter> attaches;

    TransportMeters(MeterRegistry registry) {
        this.registry = registry;
        this.connections = byCause(registry, Meters.CONNECTION_CLOSES);
        this.attaches = byCause(registry, Meters.ATTACH_CLOSES);
    }

    private static Map<CloseCause, Counter> byCause(MeterRegistry registry, Meters meter) {
        Map<CloseCause, Counter> counters = new EnumMap<>(CloseCause.class);
        for (CloseCause cause : CloseCause.values()) {
            counters.put(
                    cause,
                    Counter.builder(meter.meterName())
                            .description(meter.description())
                            .tags(MeterWiring.tags(meter, cause.name(), Boolean.toString(cause.expected())))
                            .register(registry));
        }
        return counters;
    }

    @Override
    public void connectionClosed(CloseCause cause) {
        count(connections, cause);
    }

    @Override
    public void attachClosed(CloseCause cause) {
        count(attaches, cause);
    }

    @Override
    public void limitHit(String limit) {
        Counter.builder(Meters.LIMITS_HIT.meterName())
                .description(Meters.LIMITS_HIT.description())
                .tags(MeterWiring.tags(Meters.LIMITS_HIT, limit))
                .register(registry)
                .increment();
    }

    private static void count(Map<CloseCause, Counter> counters, CloseCause cause) {
        Counter counter = counters.get(cause);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + cause);
        }
        counter.increment();
    }
}
