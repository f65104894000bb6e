package io.registrycenter.config;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.drain.Drain;
import io.registrycenter.drain.DrainState;
import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.observe.Meters;
import io.registrycenter.observe.sockets.SocketFacts;
import io.registrycenter.observe.sockets.SocketReader;
import io.registrycenter.observe.sockets.TcpState;
import io.registrycenter.registration.TombstoneSweeper;
import io.registrycenter.session.BrakeState;
import io.registrycenter.session.SessionState;
import io.registrycenter.session.SessionStats;
import io.registrycenter.session.Sessions;
import io.registrycenter.store.Store;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.SnapshotReason;
import io.registrycenter.watch.StreamCondition;
import io.registrycenter.watch.WatchStats;
import io.registrycenter.watch.WatchStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the numbers that the packages count to Micrometer, under the names of {@code observe}. */
@Configuration(proxyBeanMethods = false)
class MeterWiring {

    /** Of every timer: from a wake-up of a thread to the longest deadline. */
    private static final Duration[] BUCKETS = Stream.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    @Bean
    MeterBinder watchMeters(Hub hub) {
        WatchStats stats = hub.stats();
        return registry -> {
            gauge(registry, Meters.WATCH_STREAMS, stats, WatchStats::streams);
            gauge(registry, Meters.WATCH_SUBSCRIPTIONS, stats, WatchStats::subscriptions);
            counter(registry, Meters.WATCH_COMMITS_WRITTEN, stats, WatchStats::commitsWritten);
            counter(registry, Meters.WATCH_COALESCED, stats, WatchStats::coalesced);
            for (SnapshotReason reason : SnapshotReason.values()) {
                counter(registry, Meters.WATCH_SNAPSHOTS, stats, s -> s.snapshots(reason), reason.name());
            }
            for (CloseCause cause : CloseCause.values()) {
                counter(
                        registry,
                        Meters.WATCH_CLOSES,
                        stats,
                        s -> s.closes(cause),
                        cause.name(),
                        Boolean.toString(cause.expected()));
            }
            gauge(registry, Meters.WATCH_HISTORY_BYTES, hub, Hub::historyBytes);
            gauge(registry, Meters.WATCH_HISTORY_COMMITS, hub, Hub::historyEntries);
            for (String limit : List.of(
                    WatchStream.SUBSCRIPTIONS_PER_STREAM,
                    SnapshotLimits.PER_SECOND,
                    SnapshotLimits.CONCURRENT,
                    SnapshotLimits.BUFFER_BYTES,
                    Hub.SNAPSHOT_BYTES)) {
                counter(registry, Meters.LIMITS_HIT, stats, s -> s.refusedBy(limit), limit);
            }
            for (StreamCondition condition : StreamCondition.values()) {
                gauge(registry, Meters.WATCH_CONDITION, hub, h -> h.lag().streams(condition), condition.name());
            }
            gauge(registry, Meters.WATCH_LAG_CHANGES, hub, h -> h.lag().changes());
            gauge(registry, Meters.WATCH_LAG_BYTES, hub, h -> h.lag().bytes());
            gauge(registry, Meters.WATCH_LAG_SECONDS, hub, h -> h.lag().nanos() / 1e9);
            stats.timings(new MeteredTimings(registry));
        };
    }

    @Bean
    MeterBinder memoryMeters(MemoryWatch memory, GrpcTransport transport) {
        return registry -> {
            gauge(registry, Meters.MEMORY_BYTES, transport, GrpcTransport::bufferBytes, "buffers");
            gauge(registry, Meters.MEMORY_LIMIT_BYTES, transport, GrpcTransport::mostBufferBytes, "buffers");
            gauge(registry, Meters.MEMORY_BYTES, memory, m -> m.facts().history(), "history");
            gauge(registry, Meters.MEMORY_BYTES, memory, m -> m.facts().snapshots(), "snapshots");
            gauge(registry, Meters.MEMORY_BYTES, memory, m -> m.facts().view(), "view");
            gauge(registry, Meters.MEMORY_LIMIT_BYTES, memory, m -> m.facts().historyAllowed(), "history");
            gauge(registry, Meters.MEMORY_LIMIT_BYTES, memory, m -> m.facts().viewPart(), "view");
        };
    }

    @Bean
    MeterBinder sessionMeters(Sessions sessions) {
        SessionStats stats = sessions.stats();
        return registry -> {
            for (SessionState state : SessionState.values()) {
                gauge(registry, Meters.SESSIONS, stats, s -> s.count(state), state.name());
            }
            counter(registry, Meters.SESSIONS_EXPIRED, stats, SessionStats::expired);
            for (BrakeState state : BrakeState.values()) {
                gauge(registry, Meters.SESSIONS_BRAKE, stats, s -> s.brake() == state ? 1 : 0, state.name());
            }
            gauge(registry, Meters.SESSIONS_HELD, stats, SessionStats::held);
            counter(registry, Meters.SESSIONS_PAUSES, stats, SessionStats::pauses);
            counter(registry, Meters.SESSIONS_ADOPTED, stats, SessionStats::adopted);
            counter(registry, Meters.SESSIONS_REAPED, stats, SessionStats::reaped);
            gauge(registry, Meters.SESSIONS_ELSEWHERE, stats, SessionStats::elsewhere);
        };
    }

    @Bean
    MeterBinder storeMeters(Store store, View view, TombstoneSweeper tombstones) {
        return registry -> {
            gauge(registry, Meters.VIEW_REVISION, view, View::revision);
            gauge(registry, Meters.VIEW_STALE, view, known -> known.staleFor().toMillis() / 1_000.0);
            gauge(registry, Meters.STORE_HEAD, store, Store::head);
            gauge(registry, Meters.STORE_FLOOR, store, Store::floor);
            gauge(registry, Meters.STORE_HISTORY_BYTES, store, Store::historyBytes);
            gauge(registry, Meters.STORE_FREE_BYTES, store, s -> {
                OptionalLong free = s.freeBytes();
                return free.isPresent() ? free.getAsLong() : Double.NaN;
            });
            gauge(registry, Meters.STORE_WRITABLE, store, s -> s.writeObstacle() == null ? 1 : 0);
            for (String alarm : List.of("NOSPACE", "CORRUPT")) {
                gauge(registry, Meters.STORE_ALARM, store, s -> alarm.equals(s.alarm()) ? 1 : 0, alarm);
            }
            counter(registry, Meters.STORE_WRITES, store, Store::writes);
            counter(registry, Meters.TOMBSTONES_SWEPT, tombstones, TombstoneSweeper::swept);
        };
    }

    /** Nothing where the system tells nothing. Asked by whoever collects metrics, which is never an event loop. */
    @Bean
    MeterBinder socketMeters(SocketReader sockets) {
        return registry -> {
            if (!sockets.available()) {
                return;
            }
            for (TcpState state : TcpState.values()) {
                gauge(registry, Meters.TCP_CONNECTIONS, sockets, s -> of(s, f -> f.connections(state)), state.name());
            }
            gauge(registry, Meters.TCP_ACCEPT_QUEUE, sockets, s -> of(s, SocketFacts::acceptQueue));
            gauge(registry, Meters.TCP_BACKLOG_SOCKETS, sockets, s -> of(s, SocketFacts::backlogSockets));
            gauge(registry, Meters.TCP_BACKLOG_BYTES, sockets, s -> of(s, SocketFacts::backlogBytes));
            counter(
                    registry,
                    Meters.TCP_OVERFLOWS,
                    sockets,
                    s -> of(s, f -> f.counters().listenOverflows()));
            counter(
                    registry,
                    Meters.TCP_DROPS,
                    sockets,
                    s -> of(s, f -> f.counters().listenDrops()));
            counter(
                    registry,
                    Meters.TCP_RESETS,
                    sockets,
                    s -> of(s, f -> f.counters().resetsSent()),
                    "sent");
            counter(
                    registry,
                    Meters.TCP_RESETS,
                    sockets,
                    s -> of(s, f -> f.counters().resetsReceived()),
                    "received");
        };
    }

    private static double of(SocketReader sockets, ToDoubleFunction<SocketFacts> fact) {
        return sockets.facts().map(fact::applyAsDouble).orElse(Double.NaN);
    }

    @Bean
    MeterBinder drainMeters(Drain drain) {
        return registry -> {
            for (DrainState state : DrainState.values()) {
                gauge(registry, Meters.DRAIN_STATE, drain, d -> d.state() == state ? 1 : 0, state.name());
            }
        };
    }

    private static <T> void gauge(
            MeterRegistry registry, Meters meter, T source, ToDoubleFunction<T> value, String... tagValues) {
        Gauge.builder(meter.meterName(), source, value)
                .description(meter.description())
                .tags(tags(meter, tagValues))
                .register(registry);
    }

    private static <T> void counter(
            MeterRegistry registry, Meters meter, T source, ToDoubleFunction<T> value, String... tagValues) {
        FunctionCounter.builder(meter.meterName(), source, value)
                .description(meter.description())
                .tags(tags(meter, tagValues))
                .register(registry);
    }

    static Timer timer(MeterRegistry registry, Meters meter, String... tagValues) {
        return Timer.builder(meter.meterName())
                .description(meter.description())
                .tags(tags(meter, tagValues))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    /** One value for each tag of the meter, in order. */
    static List<Tag> tags(Meters meter, String... values) {
        if (values.length != meter.tags().size()) {
            throw new IllegalArgumentException(meter + " has the tags " + meter.tags());
        }
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            tags.add(Tag.of(meter.tags().get(i), values[i]));
        }
        return tags;
    }
}
