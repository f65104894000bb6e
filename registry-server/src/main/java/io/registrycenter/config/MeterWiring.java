package io.registrycenter.config;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.observe.Meters;
import io.registrycenter.observe.NodeHealth;
import io.registrycenter.registration.TombstoneSweeper;
import io.registrycenter.session.SessionState;
import io.registrycenter.session.Sessions;
import io.registrycenter.store.Store;
import io.registrycenter.view.Freshness;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.SnapshotReason;
import io.registrycenter.watch.WatchStats;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the numbers that the packages count to Micrometer and to the health endpoint, under the names of {@code observe}. */
@Configuration(proxyBeanMethods = false)
class MeterWiring {

    @Bean
    MeterBinder watchMeters(Hub hub) {
        WatchStats stats = hub.stats();
        return registry -> {
            gauge(registry, Meters.WATCH_STREAMS, "", stats, WatchStats::streams);
            gauge(registry, Meters.WATCH_SUBSCRIPTIONS, "", stats, WatchStats::subscriptions);
            counter(registry, Meters.WATCH_COMMITS_WRITTEN, "", stats, WatchStats::commitsWritten);
            counter(registry, Meters.WATCH_COALESCED, "", stats, WatchStats::coalesced);
            for (SnapshotReason reason : SnapshotReason.values()) {
                counter(registry, Meters.WATCH_SNAPSHOTS, reason.name(), stats, s -> s.snapshots(reason));
            }
            for (CloseCause cause : CloseCause.values()) {
                counter(registry, Meters.WATCH_CLOSES, cause.name(), stats, s -> s.closes(cause));
            }
            gauge(registry, Meters.WATCH_HISTORY_BYTES, "", hub, Hub::historyBytes);
            gauge(registry, Meters.WATCH_HISTORY_COMMITS, "", hub, Hub::historyEntries);
        };
    }

    @Bean
    MeterBinder sessionMeters(Sessions sessions) {
        return registry -> {
            for (SessionState state : SessionState.values()) {
                gauge(registry, Meters.SESSIONS, state.name(), sessions, s -> s.count(state));
            }
            counter(registry, Meters.SESSIONS_EXPIRED, "", sessions, Sessions::expiredTotal);
        };
    }

    @Bean
    MeterBinder storeMeters(Store store, View view, TombstoneSweeper tombstones) {
        return registry -> {
            gauge(registry, Meters.VIEW_REVISION, "", view, View::revision);
            gauge(registry, Meters.STORE_HEAD, "", store, Store::head);
            gauge(registry, Meters.STORE_FLOOR, "", store, Store::floor);
            counter(registry, Meters.TOMBSTONES_SWEPT, "", tombstones, TombstoneSweeper::swept);
        };
    }

    /** Named {@code node} in the health endpoint; part of readiness. */
    @Bean
    NodeHealth nodeHealthIndicator(Store store, View view) {
        return new NodeHealth(() -> new NodeHealth.Facts(
                view.freshness() == Freshness.CURRENT,
                view.freshness().name().toLowerCase(Locale.ROOT),
                view.revision(),
                store.head()));
    }

    private static <T> void gauge(
            MeterRegistry registry, Meters meter, String tagValue, T source, ToDoubleFunction<T> value) {
        Gauge.Builder<T> gauge = Gauge.builder(meter.meterName(), source, value).description(meter.description());
        (meter.tag().isEmpty() ? gauge : gauge.tag(meter.tag(), tagValue)).register(registry);
    }

    private static <T> void counter(
            MeterRegistry registry, Meters meter, String tagValue, T source, ToDoubleFunction<T> value) {
        FunctionCounter.Builder<T> counter =
                FunctionCounter.builder(meter.meterName(), source, value).description(meter.description());
        (meter.tag().isEmpty() ? counter : counter.tag(meter.tag(), tagValue)).register(registry);
    }
}
