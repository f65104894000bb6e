package io.registrycenter.config;

import io.registrycenter.drain.Drain;
import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.http.DrainEndpoint;
import io.registrycenter.observe.NodeHealth;
import io.registrycenter.store.Store;
import io.registrycenter.view.View;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Leaving gracefully: by SIGTERM, by an operator, and what health says meanwhile. */
@Configuration(proxyBeanMethods = false)
class DrainWiring {

    @Bean
    Drain drain(GrpcTransport transport, Settings settings, ApplicationContext context) {
        return new Drain(
                transport.drained(),
                settings.drain().timeout(),
                System::nanoTime,
                serving -> AvailabilityChangeEvent.publish(
                        context, serving ? ReadinessState.ACCEPTING_TRAFFIC : ReadinessState.REFUSING_TRAFFIC));
    }

    @Bean
    DrainOnClose drainOnClose(
            Drain drain,
            Settings settings,
            ApplicationContext context,
            GrpcServerProperties grpc,
            Environment environment) {
        require(
                "spring.grpc.server.shutdown.grace-period",
                grpc.getShutdown().getGracePeriod(),
                DrainProperties.GRPC_GRACE);
        require(
                "spring.lifecycle.timeout-per-shutdown-phase",
                environment.getProperty("spring.lifecycle.timeout-per-shutdown-phase", Duration.class),
                DrainProperties.WEB_GRACE);
        return new DrainOnClose(drain, settings.drain().timeout(), context);
    }

    /** The graces add up to the limit that is checked, so they are not anybody's to set. */
    private static void require(String property, @Nullable Duration value, Duration ours) {
        if (!ours.equals(value)) {
            throw new SettingRefused(property + " (" + (value == null ? "unset" : Notation.of(value))
                    + ") must be left at " + Notation.of(ours)
                    + ": registry.drain.timeout and registry.drain.shutdown-limit are checked against it.");
        }
    }

    @Bean
    DrainEndpoint drainEndpoint(Drain drain) {
        return new DrainEndpoint(drain);
    }

    @Bean
    Readiness readiness(Store store, View view, Drain drain) {
        return new Readiness(store, view, drain);
    }

    /** Named {@code node} in the health endpoint; part of readiness. */
    @Bean
    NodeHealth nodeHealthIndicator(Readiness readiness) {
        return new NodeHealth(readiness::facts);
    }
}
