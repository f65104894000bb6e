package io.registrycenter.config;

import io.registrycenter.grpc.GrpcEncoding;
import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.memory.MemoryBudget;
import io.registrycenter.registration.Registrations;
import io.registrycenter.registration.TombstoneSweeper;
import io.registrycenter.session.Sessions;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.view.Applier;
import io.registrycenter.view.CommitListener;
import io.registrycenter.view.FollowedStore;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.WatchSettings;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The one road, in order: store, applier, view, hub; registrations and sessions write to the store and read the view.
 */
@Configuration(proxyBeanMethods = false)
class CoreWiring {

    private static final Logger log = LoggerFactory.getLogger(CoreWiring.class);

    @Bean
    View view(Store store) {
        return new View(store.epoch());
    }

    @Bean
    Hub hub(View view, Store store, Settings settings, MemoryBudget memory, GrpcTransport transport) {
        return new Hub(
                view,
                new GrpcEncoding(),
                watchSettings(settings.watch(), settings.store(), memory.history()),
                store::provenHead,
                new SnapshotLimits(
                        settings.watch().concurrentSnapshots(),
                        settings.watch().snapshotsPerSecond(),
                        transport::bufferBytes,
                        transport.mostBufferBytes(),
                        () -> ThreadLocalRandom.current().nextLong()),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong());
    }

    @Bean
    Applier applier(View view, List<CommitListener> listeners) {
        return new Applier(view, listeners, CoreWiring::lost);
    }

    @Bean(destroyMethod = "shutdownNow")
    ThreadPoolExecutor stateReader() {
        // One task, and one more that it asks for itself: what the followed store promises.
        ThreadPoolExecutor reader = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(2),
                Thread.ofPlatform().daemon().name("state-reader").factory());
        reader.allowCoreThreadTimeOut(true);
        return reader;
    }

    @Bean(destroyMethod = "close")
    FollowedStore followedStore(Store store, Applier applier, ThreadPoolExecutor stateReader) {
        return new FollowedStore(
                store,
                applier,
                stateReader,
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong());
    }

    @Bean
    Following following(Store store, View view, Applier applier, Hub hub, FollowedStore followed, Settings settings) {
        return new Following(
                store,
                view,
                applier,
                hub,
                followed,
                settings.registry().catchUpTimeout(),
                settings.registry().store() == RegistryProperties.Engine.ETCD
                        ? settings.etcd().maxBackfill()
                        : Long.MAX_VALUE);
    }

    @Bean
    Registrations registrations(Store store, View view, Sessions sessions) {
        return new Registrations(store, view, sessions.standstill());
    }

    @Bean
    TombstoneSweeper tombstoneSweeper(Store store, View view, Settings settings) {
        return new TombstoneSweeper(
                store, view, System::nanoTime, settings.store().historyAge());
    }

    private static void lost(StoreException cause) {
        log.error("The store is lost; what is served from now on is stale. Restart the server.", cause);
    }

    /** What cannot be set is as in {@link WatchSettings#DEFAULTS}. */
    static WatchSettings watchSettings(WatchProperties watch, StoreProperties store, long historyBytes) {
        WatchSettings defaults = WatchSettings.DEFAULTS;
        return new WatchSettings(
                watch.heartbeatInterval(),
                watch.heartbeatTimeout(),
                watch.idleTimeout(),
                watch.maxAge(),
                watch.stallTimeout(),
                watch.resetAfter(),
                watch.aheadWait(),
                watch.subscriptionsPerStream(),
                watch.coalesceChanges(),
                watch.coalesceBytes().toBytes(),
                defaults.frameCommits(),
                defaults.frameBytes(),
                defaults.partBytes(),
                watch.historyCommits(),
                Math.min(watch.historyBytes().toBytes(), historyBytes),
                historyBytes,
                store.historyAge());
    }
}
