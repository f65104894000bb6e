package io.registrycenter.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.memory.MemoryBudget;
import io.registrycenter.store.Retention;
import io.registrycenter.store.Store;
import io.registrycenter.store.etcd.EtcdStore;
import io.registrycenter.store.sqlite.SqliteStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the engine: the one place that knows more than {@link Store}. */
@Configuration(proxyBeanMethods = false)
class StoreWiring {

    /** Closed last, when nothing uses it any more. */
    @Bean(destroyMethod = "close")
    Store store(Settings settings, MeterRegistry meters, MemoryBudget memory) {
        Store engine = switch (settings.registry().store()) {
            case EMBEDDED ->
                SqliteStore.open(
                        settings.registry().dataDir(),
                        settings.store().newEpoch(),
                        memory.waitingCommits(),
                        memory.newestCommits(),
                        settings.store().freeSpaceWarning().toBytes());
            case ETCD ->
                EtcdStore.open(settings.etcd().settings(settings.store().newEpoch(), memory.waitingCommits()));
        };
        return new TimedStore(engine, meters, System::nanoTime);
    }

    @Bean
    Announcing announcing(Store store, NodeName node) {
        return new Announcing(store, node);
    }

    @Bean
    Retention retention(Store store, Settings settings) {
        return new Retention(
                store,
                settings.store().historyAge(),
                settings.store().historyMaxBytes().toBytes(),
                System::nanoTime);
    }
}
