package io.registrycenter.config;

import io.registrycenter.http.BodilessOperations;
import io.registrycenter.http.CrossSiteGuard;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The HTTP server: Boot's own, with our idle timeout, and what every request passes first. */
@Configuration(proxyBeanMethods = false)
class HttpWiring {

    /** Endpoints whose POST takes nothing from its body. */
    private static final List<String> BODILESS = List.of("drain", "sessions");

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> keepAlive(Settings settings) {
        return factory -> factory.addServerCustomizers(
                server -> server.idleTimeout(settings.http().keepAlive()));
    }

    @Bean
    CrossSiteGuard crossSiteGuard(Settings settings, Environment environment) {
        return new CrossSiteGuard(settings.http()
                .hosts(Stream.of("server.address", "management.server.address")
                        .flatMap(name -> Optional.ofNullable(environment.getProperty(name)).stream())
                        .filter(address -> !address.isBlank())
                        .toList()));
    }

    /** Endpoints are found when all of them are made, which is after this was. */
    @Bean
    BodilessOperations bodilessOperations(ObjectProvider<PathMappedEndpoints> endpoints) {
        return new BodilessOperations(() -> BODILESS.stream()
                .flatMap(id -> Optional.ofNullable(endpoints.getObject().getPath(EndpointId.of(id))).stream())
                .toList());
    }
}
