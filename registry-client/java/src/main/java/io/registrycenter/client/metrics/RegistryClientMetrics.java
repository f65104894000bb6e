package io.registrycenter.client.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.registrycenter.client.ClientStatistics;
import io.registrycenter.client.ClientStatistics.Ending;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.ResyncReason;
import io.registrycenter.client.StreamKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Shows the numbers of a client as meters: {@code new RegistryClientMetrics(client).bindTo(registry)}. Needs Micrometer on
 * the class path, which the client itself does not.
 *
 * <p>{@link #RECONNECTS} has a series for each kind of ending from its first one on, every other meter is complete from the
 * start.
 */
public final class RegistryClientMetrics implements MeterBinder {

    public static final String CONNECTED = "registry.client.connected";
    public static final String STALENESS = "registry.client.staleness";
    public static final String RECONNECTS = "registry.client.reconnects";
    public static final String RESYNCS = "registry.client.resyncs";

    private final ClientStatistics statistics;
    private final List<Tag> tags;

    public RegistryClientMetrics(RegistryClient client) {
        this(client, List.of());
    }

    /** Meters with more tags, to tell several clients of one program apart. */
    public RegistryClientMetrics(RegistryClient client, Iterable<Tag> tags) {
        this.statistics = client.statistics();
        List<Tag> copy = new ArrayList<>();
        tags.forEach(copy::add);
        this.tags = List.copyOf(copy);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (StreamKind stream : StreamKind.values()) {
            List<Tag> ofStream = with(Tag.of("stream", word(stream)));
            Gauge.builder(CONNECTED, statistics, numbers -> numbers.connected(stream) ? 1 : 0)
                    .description("1 while the stream is live, else 0")
                    .tags(ofStream)
                    .register(registry);
        }
        statistics.onNewEnding(ending -> bind(ending, registry));
        TimeGauge.builder(
                        STALENESS,
                        statistics,
                        TimeUnit.SECONDS,
                        numbers -> numbers.staleness().toMillis() / 1000.0)
                .description("For how long the stalest watch has not been proven current")
                .tags(tags)
                .register(registry);
        for (ResyncReason reason : ResyncReason.values()) {
            FunctionCounter.builder(RESYNCS, statistics, numbers -> numbers.resyncs(reason))
                    .description("Complete states that a watch was given again")
                    .tags(with(Tag.of("reason", reason.name())))
                    .register(registry);
        }
    }

    private void bind(Ending ending, MeterRegistry registry) {
        FunctionCounter.builder(RECONNECTS, statistics, numbers -> numbers.reconnects(ending))
                .description("Ends of the stream, and of attempts to make it, after which it was tried again")
                .tags(with(Tag.of("stream", word(ending.stream()))))
                .tag("cause", ending.cause().name())
                .tag("phase", word(ending.phase()))
                .tag("expected", Boolean.toString(ending.expected()))
                .register(registry);
    }

    private List<Tag> with(Tag more) {
        List<Tag> all = new ArrayList<>(tags);
        all.add(more);
        return all;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
