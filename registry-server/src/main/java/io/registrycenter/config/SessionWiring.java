package io.registrycenter.config;

import io.registrycenter.session.BrakeSettings;
import io.registrycenter.session.SessionIds;
import io.registrycenter.session.SessionSettings;
import io.registrycenter.session.Sessions;
import io.registrycenter.store.Store;
import io.registrycenter.view.View;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Who is alive. */
@Configuration(proxyBeanMethods = false)
class SessionWiring {

    @Bean
    NodeName nodeName(Settings settings) {
        return NodeName.of(settings.registry().node());
    }

    /** Where removals of expired sessions go on; what waits here is bounded by the sessions that are being removed. */
    @Bean(destroyMethod = "shutdown")
    ExecutorService removals() {
        return Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("registry-removals").daemon().factory());
    }

    @Bean
    Sessions sessions(
            NodeName node, Store store, View view, Settings settings, @Qualifier("removals") ExecutorService removals) {
        SessionProperties session = settings.session();
        return new Sessions(
                node.owner(),
                store,
                view,
                new SessionSettings(
                        session.ttl(),
                        session.heartbeatInterval(),
                        session.reconnectGrace(),
                        session.restartGrace(),
                        session.orphanGrace(),
                        SessionSettings.DEFAULT.pause(),
                        BrakeSettings.DEFAULT),
                System::nanoTime,
                new SessionIds(),
                removals);
    }
}
