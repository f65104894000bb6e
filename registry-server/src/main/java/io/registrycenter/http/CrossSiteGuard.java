package io.registrycenter.http;

import io.registrycenter.observe.RareLine;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.codec.HttpMessageWriter;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.result.view.ViewResolver;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * The guard against web pages that change something here through the browser of somebody who can reach this server.
 *
 * <p>A request whose method is not GET, HEAD, OPTIONS or TRACE is refused with 403 when its {@code Origin} is not this server
 * or its {@code Sec-Fetch-Site} says that another site sent it, and when its {@code Host} is neither a loopback name nor
 * configured ({@code registry.http.allowed-hosts}), because a page can make its own name point to this machine. Programs such
 * as curl send neither of the first two headers. Any thread; never blocks.
 */
public final class CrossSiteGuard implements WebFilter, Ordered {

    private static final Logger log = LoggerFactory.getLogger(CrossSiteGuard.class);
    private static final Set<HttpMethod> SAFE =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE);
    private static final String SEC_FETCH_SITE = "Sec-Fetch-Site";
    private static final ServerResponse.Context WRITERS = new Writers(HandlerStrategies.withDefaults());

    private final AllowedHosts hosts;
    private final RareLine line = new RareLine(System::nanoTime);

    public CrossSiteGuard(AllowedHosts hosts) {
        this.hosts = hosts;
    }

    /** Before everything that reads the request. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        ProblemDetail problem = SAFE.contains(request.getMethod()) ? null : problem(request.getHeaders());
        if (problem == null) {
            return chain.filter(exchange);
        }
        line.next()
                .ifPresent(leftOut -> log.warn(
                        "Refused {} {} from {}: {} {} more since the last line.",
                        request.getMethod(),
                        Operators.shown(request.getPath().value()),
                        request.getRemoteAddress(),
                        problem.getDetail(),
                        leftOut));
        return ServerResponse.status(HttpStatus.FORBIDDEN)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .bodyValue(problem)
                .flatMap(response -> response.writeTo(exchange, WRITERS));
    }

    /** What is wrong with a request that would change something; null: nothing. */
    private @Nullable ProblemDetail problem(HttpHeaders headers) {
        String host = headers.getFirst(HttpHeaders.HOST);
        if (host == null || !hosts.contains(host)) {
            return problem(
                    HttpHeaders.HOST,
                    host,
                    "be a loopback name or address, or one of registry.http.allowed-hosts, to change something");
        }
        String origin = headers.getFirst(HttpHeaders.ORIGIN);
        if (origin != null && !sameOrigin(origin, host) && !hosts.configured(origin)) {
            return problem(
                    HttpHeaders.ORIGIN, origin, "be this server: a page of another site must not change anything");
        }
        String site = headers.getFirst(SEC_FETCH_SITE);
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return problem(
                    SEC_FETCH_SITE, site, "be same-origin or none: a page of another site must not change anything");
        }
        return null;
    }

    /** Whether scheme, host and port of an origin are what the request was sent to; its scheme says which port is meant by none. */
    private static boolean sameOrigin(String origin, String host) {
        String authority = host.toLowerCase(Locale.ROOT);
        String lower = origin.toLowerCase(Locale.ROOT);
        return lower.equals("http://" + without(authority, ":80"))
                || lower.equals("https://" + without(authority, ":443"));
    }

    private static String without(String authority, String port) {
        return authority.endsWith(port) ? authority.substring(0, authority.length() - port.length()) : authority;
    }

    private static ProblemDetail problem(String header, @Nullable String value, String rule) {
        String shown = value == null ? "" : Operators.shown(value);
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.FORBIDDEN, header + " must " + rule + ", was \"" + shown + "\".");
        problem.setTitle("Refused as a request of another site");
        problem.setProperty("field", header);
        problem.setProperty("value", shown);
        problem.setProperty("rule", rule);
        return problem;
    }

    /** What writes the answer. */
    private record Writers(HandlerStrategies strategies) implements ServerResponse.Context {

        @Override
        public List<HttpMessageWriter<?>> messageWriters() {
            return strategies.messageWriters();
        }

        @Override
        public List<ViewResolver> viewResolvers() {
            return strategies.viewResolvers();
        }
    }
}
