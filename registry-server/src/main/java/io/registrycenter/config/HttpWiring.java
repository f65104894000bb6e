package io.registrycenter.config;

import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The HTTP server: Boot's own, with our idle timeout. */
@Configuration(proxyBeanMethods = false)
class HttpWiring {

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> keepAlive(Settings settings) {
        return factory -> factory.addServerCustomizers(
                server -> server.idleTimeout(settings.http().keepAlive()));
    }
}
