package io.registrycenter.config;

import io.registrycenter.drain.Drain;
import io.registrycenter.drain.DrainState;
import io.registrycenter.grpc.CloseLog;
import io.registrycenter.grpc.GrpcHealth;
import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.registration.TombstoneSweeper;
import io.registrycenter.session.Sessions;
import io.registrycenter.store.Presence;
import io.registrycenter.store.Retention;
import io.registrycenter.view.FollowedStore;
import io.registrycenter.watch.Hub;
import java.time.Duration;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What happens again and again, all of it, on one thread. */
@Configuration(proxyBeanMethods = false)
class TickWiring {

    @Bean
    Ticks ticks(
            Hub hub,
            Sessions sessions,
            Announcing announcing,
            TombstoneSweeper tombstones,
            Retention retention,
            CloseLog closes,
            Drain drain,
            FollowedStore followed,
            GrpcHealth health,
            MemoryWatch memory,
            GrpcTransport transport) {
        return new Ticks(
                () -> ready(sessions, announcing.presence(), health),
                List.of(
                        new Ticks.Job("watch clocks", Duration.ofMillis(250), hub::tick),
                        new Ticks.Job("followed store", Duration.ofMillis(250), followed::tick),
                        new Ticks.Job("session expiry", Duration.ofMillis(250), () -> expire(sessions, drain)),
                        new Ticks.Job("drain", Duration.ofMillis(50), drain::tick),
                        new Ticks.Job("gRPC health", Duration.ofMillis(250), health::look),
                        new Ticks.Job("buffers", Duration.ofMillis(250), () -> relieve(transport, hub)),
                        new Ticks.Job("memory", Duration.ofSeconds(1), memory::look),
                        new Ticks.Job("tombstones", Duration.ofSeconds(1), tombstones::sweep),
                        new Ticks.Job("retention", Retention.SAMPLE_INTERVAL, retention::look),
                        new Ticks.Job("close log", Duration.ofSeconds(5), closes::summarise)));
    }

    /** Before the ports open: who asks first is told what is true. */
    private static void ready(Sessions sessions, Presence presence, GrpcHealth health) {
        sessions.ready(presence);
        health.look();
    }

    /** Slow readers hold what they were sent; where that is too much, they go before there is no memory for anybody. */
    private static void relieve(GrpcTransport transport, Hub hub) {
        if (transport.bufferBytes() > transport.mostBufferBytes()) {
            hub.endMostStalled();
        }
    }

    /** A server that sends providers away does not count their absence. */
    private static void expire(Sessions sessions, Drain drain) {
        if (drain.state() == DrainState.SERVING) {
            sessions.sweep();
        } else {
            sessions.hold();
        }
    }
}
