package io.registrycenter.config;

import io.grpc.BindableService;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.grpc.CatalogCalls;
import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.grpc.RegistrationCalls;
import io.registrycenter.grpc.ServerNumbers;
import io.registrycenter.grpc.SessionCalls;
import io.registrycenter.grpc.TransportSettings;
import io.registrycenter.grpc.WatchCalls;
import io.registrycenter.observe.Meters;
import io.registrycenter.registration.Registrations;
import io.registrycenter.session.Sessions;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import java.time.Duration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerShutdownEvent;

/**
 * The gRPC server: Boot's own, with our transport and our services. The one class outside {@code grpc} that names gRPC's
 * types, because Spring's seams are made of them.
 */
@Configuration(proxyBeanMethods = false)
class GrpcWiring {

    private static final int MESSAGE_BYTES = 1024 * 1024;

    private final Hub hub;

    GrpcWiring(Hub hub) {
        this.hub = hub;
    }

    @Bean
    GrpcTransport grpcTransport(Settings settings, GrpcServerProperties server, MeterRegistry meters) {
        GrpcProperties grpc = settings.grpc();
        return new GrpcTransport(
                new TransportSettings(
                        eventLoops(grpc.eventLoops()),
                        grpc.keepaliveTime(),
                        grpc.keepaliveTimeout(),
                        grpc.keepalivePermit(),
                        grpc.tcpUserTimeout(),
                        2 * grpc.streamsPerConnection(),
                        MESSAGE_BYTES,
                        Math.toIntExact(grpc.flowControlWindow().toBytes()),
                        tls(server.getSsl())),
                System::nanoTime,
                cause -> countClose(meters, cause));
    }

    private static boolean tls(GrpcServerProperties.Ssl ssl) {
        return ssl.getEnabled() == null ? ssl.getBundle() != null : ssl.getEnabled();
    }

    private static int eventLoops(int wanted) {
        return wanted == 0 ? Math.max(2, Runtime.getRuntime().availableProcessors()) : wanted;
    }

    private static void countClose(MeterRegistry meters, CloseCause cause) {
        meters.counter(Meters.CONNECTION_CLOSES.meterName(), Meters.CONNECTION_CLOSES.tag(), cause.name())
                .increment();
    }

    @Bean
    ServerBuilderCustomizer<NettyServerBuilder> transportCustomizer(GrpcTransport transport) {
        return transport::customize;
    }

    @Bean
    BindableService watchCalls(GrpcTransport transport, NodeName node, Settings settings) {
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
    BindableService sessionCalls(Sessions sessions, GrpcTransport transport) {
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

    /** Streams never end by themselves; without this the server would wait for them until its grace is over. */
    @EventListener
    void endStreams(GrpcServerShutdownEvent event) {
        hub.endAll(CloseCause.DRAINING, "the server is shutting down", Duration.ofSeconds(1));
    }
}
