package io.registrycenter.config;

import io.registrycenter.grpc.CloseLog;
import io.registrycenter.registration.TombstoneSweeper;
import io.registrycenter.session.Sessions;
import io.registrycenter.store.Retention;
import io.registrycenter.watch.Hub;
import java.time.Duration;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What happens again and again, all of it, on one thread. */
@Configuration(proxyBeanMethods = false)
class TickWiring {

    @Bean
    Ticks ticks(Hub hub, Sessions sessions, TombstoneSweeper tombstones, Retention retention, CloseLog closes) {
        return new Ticks(
                sessions::ready,
                List.of(
                        new Ticks.Job("watch clocks", Duration.ofMillis(250), hub::tick),
                        new Ticks.Job("session expiry", Duration.ofMillis(250), sessions::sweep),
                        new Ticks.Job("tombstones", Duration.ofSeconds(1), tombstones::sweep),
                        new Ticks.Job("retention", Retention.SAMPLE_INTERVAL, retention::look),
                        new Ticks.Job("close log", Duration.ofSeconds(5), closes::summarise)));
    }
}
