package io.registrycenter.config;

import io.micrometer.core.instrument.binder.grpc.GrpcServerObservationContext;
import io.micrometer.observation.ObservationPredicate;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.grpc.RecentDisconnects;
import io.registrycenter.http.DisconnectsEndpoint;
import io.registrycenter.http.SessionsEndpoint;
import io.registrycenter.http.StreamsEndpoint;
import io.registrycenter.http.TcpEndpoint;
import io.registrycenter.http.TimeoutsEndpoint;
import io.registrycenter.observe.ExpiryHealth;
import io.registrycenter.observe.sockets.SocketReader;
import io.registrycenter.session.Sessions;
import io.registrycenter.watch.Hub;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** What operators ask: the endpoints of actuator, the brake's health, and where their answers come from. */
@Configuration(proxyBeanMethods = false)
class OperatorWiring {

    @Bean
    RecentDisconnects recentDisconnects() {
        return new RecentDisconnects(System::nanoTime);
    }

    @Bean
    StreamsEndpoint streamsEndpoint(Hub hub, Sessions sessions) {
        return new StreamsEndpoint(hub, sessions);
    }

    @Bean
    DisconnectsEndpoint disconnectsEndpoint(RecentDisconnects recent) {
        return new DisconnectsEndpoint(new DisconnectsEndpoint.Ends() {
            @Override
            public List<Disconnect.Remembered> newest(int limit, Predicate<Disconnect> wanted) {
                return recent.newest(limit, wanted);
            }

            @Override
            public Map<CloseCause, Long> counts() {
                return recent.counts();
            }
        });
    }

    @Bean
    TimeoutsEndpoint timeoutsEndpoint(Settings settings) {
        return new TimeoutsEndpoint(EffectiveTimeouts.values(settings), EffectiveTimeouts.rules(settings));
    }

    @Bean
    SessionsEndpoint sessionsEndpoint(Sessions sessions) {
        return new SessionsEndpoint(sessions);
    }

    @Bean
    TcpEndpoint tcpEndpoint(SocketReader sockets) {
        return new TcpEndpoint(sockets);
    }

    /** Ports are known when the servers have started, which is after this was made. */
    @Bean
    SocketReader socketReader(ObjectProvider<GrpcServerLifecycle> grpc, Environment environment) {
        return new SocketReader(() -> ports(grpc.getObject(), environment), System::nanoTime);
    }

    private static Set<Integer> ports(GrpcServerLifecycle grpc, Environment environment) {
        return Stream.concat(
                        Stream.of(grpc.getPort()),
                        Stream.of("local.server.port", "local.management.port")
                                .map(name -> environment.getProperty(name, Integer.class, 0)))
                .filter(port -> port > 0)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Named {@code sessions} in the health endpoint; no part of readiness. */
    @Bean
    ExpiryHealth sessionsHealthIndicator(Sessions sessions) {
        return new ExpiryHealth(() -> new ExpiryHealth.Facts(
                sessions.stats().brake().name(),
                sessions.stats().held(),
                sessions.stats().brake().advice()));
    }

    /** A stream of hours must not land in the timer of calls, should somebody switch that on. */
    @Bean
    ObservationPredicate streamsAreNoCalls() {
        return (name, context) -> !(context instanceof GrpcServerObservationContext call
                && call.getFullMethodName() != null
                && GrpcTransport.STREAMS.contains(call.getFullMethodName()));
    }
}
