package io.registrycenter.config;

import io.registrycenter.config.NeighbourProperties.Client;
import io.registrycenter.config.NeighbourProperties.Http;
import io.registrycenter.config.NeighbourProperties.Intermediary;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Binds the properties and checks them before anything is built from them. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
    RegistryProperties.class,
    StoreProperties.class,
    EtcdProperties.class,
    WatchProperties.class,
    SessionProperties.class,
    GrpcProperties.class,
    DrainProperties.class,
    MemoryProperties.class,
    Http.class,
    Client.class,
    Intermediary.class
})
class SettingsWiring {

    @Bean
    Settings settings(
            RegistryProperties registry,
            StoreProperties store,
            EtcdProperties etcd,
            WatchProperties watch,
            SessionProperties session,
            GrpcProperties grpc,
            DrainProperties drain,
            MemoryProperties memory,
            Http http,
            Client client,
            Intermediary intermediary) {
        return new Settings(registry, store, etcd, watch, session, grpc, drain, memory, http, client, intermediary);
    }
}
