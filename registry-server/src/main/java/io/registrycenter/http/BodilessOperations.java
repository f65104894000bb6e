package io.registrycenter.http;

import java.util.List;
import java.util.function.Supplier;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A filter that lets POST operations which need no body be called with any: {@code curl -d ''} sends a form, a hook may send
 * nothing, and both mean the same. Actuator would answer 415 to a content type that it cannot read. The body is not read.
 * Any thread; never blocks.
 */
public final class BodilessOperations implements WebFilter, Ordered {

    private final Supplier<List<String>> paths;

    /** @param paths of the operations inside the application; what is below one of them counts, too */
    public BodilessOperations(Supplier<List<String>> paths) {
        this.paths = paths;
    }

    /** After {@link CrossSiteGuard}, before anything that reads the body. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        if (!request.getMethod().equals(HttpMethod.POST)
                || !concerns(request.getPath().pathWithinApplication().value())) {
            return chain.filter(exchange);
        }
        HttpHeaders headers = new HttpHeaders(request.getHeaders());
        headers.remove(HttpHeaders.CONTENT_TYPE);
        return chain.filter(exchange.mutate()
                .request(new ServerHttpRequestDecorator(request) {
                    @Override
                    public HttpHeaders getHeaders() {
                        return headers;
                    }

                    @Override
                    public Flux<DataBuffer> getBody() {
                        return Flux.empty();
                    }
                })
                .build());
    }

    private boolean concerns(String path) {
        return paths.get().stream().anyMatch(own -> path.equals(own) || path.startsWith(own + "/"));
    }
}
