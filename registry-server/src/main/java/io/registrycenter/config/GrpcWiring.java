package io.registrycenter.config;

import io.grpc.BindableService;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.grpc.CatalogCalls;
import io.registrycenter.grpc.CloseLog;
import io.registrycenter.grpc.GrpcHealth;
import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.grpc.RecentDisconnects;
import io.registrycenter.grpc.RegistrationCalls;
import io.registrycenter.grpc.ServerNumbers;
import io.registrycenter.grpc.SessionCalls;
import io.registrycenter.grpc.TransportSettings;
import io.registrycenter.grpc.WatchCalls;
import io.registrycenter.registration.Registrations;
import io.registrycenter.session.Sessions;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerFactoryCustomizer;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.DefaultGrpcServerFactory;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.exception.GrpcExceptionHandlerInterceptor;

/**
 * The gRPC server: Boot's own, with our transport and our services. The one class outside {@code grpc} that names gRPC's
 * types, because Spring's seams are made of them.
 */
@Configuration(proxyBeanMethods = false)
class GrpcWiring {

    private static final int MESSAGE_BYTES = 1024 * 1024;

    @Bean
    CloseLog closeLog(RecentDisconnects recent) {
        return new CloseLog(System::nanoTime, recent);
    }

    @Bean
    GrpcTransport grpcTransport(
            Settings settings, GrpcServerProperties server, MeterRegistry meters, CloseLog closeLog) {
        GrpcProperties grpc = settings.grpc();
        return new GrpcTransport(
                new TransportSettings(
                        eventLoops(grpc.eventLoops()),
                        grpc.keepaliveTime(),
                        grpc.keepaliveTimeout(),
                        grpc.keepalivePermit(),
                        grpc.tcpUserTimeout(),
                        settings.watch().resetAfter(),
                        grpc.maxConnections(),
                        grpc.streamsPerConnection(),
                        grpc.handshakesPerSecond(),
                        MESSAGE_BYTES,
                        Math.toIntExact(grpc.flowControlWindow().toBytes()),
                        tls(server.getSsl())),
                System::nanoTime,
                new RateAdmission(
                        "handshakes",
                        grpc.handshakesPerSecond(),
                        () -> ThreadLocalRandom.current().nextLong()),
                () -> ThreadLocalRandom.current().nextLong(),
                new TransportMeters(meters),
                closeLog);
    }

    private static boolean tls(GrpcServerProperties.Ssl ssl) {
        return ssl.getEnabled() == null ? ssl.getBundle() != null : ssl.getEnabled();
    }

    private static int eventLoops(int wanted) {
        return wanted == 0 ? Math.max(2, Runtime.getRuntime().availableProcessors()) : wanted;
    }

    @Bean
    ServerBuilderCustomizer<NettyServerBuilder> transportCustomizer(GrpcTransport transport) {
        return transport::customize;
    }

    /**
     * Spring puts its translation of exceptions around each call, which costs memory for as long as the call lasts. Watch and
     * attach calls, which last, have their own and take nothing from it.
     */
    @Bean
    GrpcServerFactoryCustomizer exceptionsOfUnaryCalls() {
        return factory -> {
            if (factory instanceof DefaultGrpcServerFactory<?> ours) {
                ours.setInterceptorFilter(
                        (interceptor, service) -> !(interceptor instanceof GrpcExceptionHandlerInterceptor
                                && GrpcTransport.STREAM_SERVICES.contains(
                                        service.getServiceDescriptor().getName())));
            }
        };
    }

    @Bean
    WatchCalls watchCalls(Hub hub, GrpcTransport transport, NodeName node, Settings settings) {
        WatchProperties watch = settings.watch();
        return new WatchCalls(
                hub,
                transport,
                new ServerNumbers(
                        node.value(),
                        watch.heartbeatInterval(),
                        watch.heartbeatTimeout(),
                        watch.idleTimeout(),
                        settings.grpc().keepalivePermit(),
                        watch.subscriptionsPerStream(),
                        settings.grpc().streamsPerConnection(),
                        MESSAGE_BYTES));
    }

    @Bean
    SessionCalls sessionCalls(Sessions sessions, GrpcTransport transport) {
        return new SessionCalls(sessions, transport);
    }

    @Bean
    BindableService registrationCalls(Registrations registrations, GrpcTransport transport) {
        return new RegistrationCalls(registrations, transport);
    }

    @Bean
    BindableService catalogCalls(View view, GrpcTransport transport) {
        return new CatalogCalls(view, transport, MESSAGE_BYTES);
    }

    /** Boot brings the health service; what it says is ours, at once and for each service. */
    @Bean
    GrpcHealth grpcHealth(HealthStatusManager manager, Readiness readiness) {
        return new GrpcHealth(manager, readiness::serving);
    }
}
