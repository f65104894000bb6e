package io.registrycenter.http;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal.InvalidInput;
import io.registrycenter.catalog.Rules;
import io.registrycenter.view.ServiceSummary;
import io.registrycenter.view.View;
import io.registrycenter.view.ViewSnapshot;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Reads what this node knows, from memory. Answers carry {@code ETag: "<epoch>-<revision>-<mark>"}; with {@code If-None-Match}
 * an unchanged one is 304, unless it is stale. The mark tells a revision from the same one of a history that was thrown away.
 */
@RestController
@RequestMapping("/api/v1/namespaces/{namespace}/services")
public class CatalogController {

    private static final String LABEL = "label.";

    private final View view;

    public CatalogController(View view) {
        this.view = view;
    }

    /**
     * The services of a namespace that have instances.
     *
     * @param staleForMs how long ago this was last known to be all there is; 0 while it is not stale
     */
    public record Services(
            String epoch, long revision, boolean stale, long staleForMs, List<ServiceSummary> services) {}

    /** The instances of one service; otherwise as {@link Services}. */
    public record Instances(String epoch, long revision, boolean stale, long staleForMs, List<Instance> instances) {}

    @GetMapping
    public Mono<Services> services(@PathVariable String namespace, ServerWebExchange exchange) {
        return Mono.fromSupplier(() -> {
            Rules.namespace(namespace);
            // The cursor first: services may be newer than it says, never older.
            Cursor cursor = view.cursor();
            long staleForMs = view.staleFor().toMillis();
            return unchanged(exchange, cursor)
                    ? null
                    : new Services(cursor.epoch(), cursor.revision(), stale(), staleForMs, view.services(namespace));
        });
    }

    /**
     * The instances of one service.
     *
     * @param query {@code label.<key>=<value>}: entries the instance's metadata must have
     */
    @GetMapping("/{service}/instances")
    public Mono<Instances> instances(
            @PathVariable String namespace,
            @PathVariable String service,
            @RequestParam MultiValueMap<String, String> query,
            ServerWebExchange exchange) {
        return Mono.fromSupplier(() -> {
            Interest interest = new Interest(namespace, service, labels(query));
            Rules.namespace(namespace);
            Rules.service(service);
            Rules.labels("label", interest.labels());
            ViewSnapshot snapshot = view.snapshot(interest);
            Cursor cursor = snapshot.cursor();
            long staleForMs = view.staleFor().toMillis();
            return unchanged(exchange, cursor)
                    ? null
                    : new Instances(cursor.epoch(), cursor.revision(), stale(), staleForMs, snapshot.instances());
        });
    }

    /** What is stale is answered whole: "not modified" is more than this server knows. */
    private boolean unchanged(ServerWebExchange exchange, Cursor cursor) {
        if (stale()) {
            exchange.getResponse().getHeaders().setETag(etag(cursor));
            return false;
        }
        return exchange.checkNotModified(etag(cursor));
    }

    private boolean stale() {
        return view.freshness().stale();
    }

    private static String etag(Cursor cursor) {
        return "\"" + cursor + "-" + HexFormat.of().toHexDigits(cursor.mark()) + "\"";
    }

    private static Map<String, String> labels(MultiValueMap<String, String> query) {
        Map<String, String> labels = new LinkedHashMap<>();
        query.forEach((name, values) -> {
            if (!name.startsWith(LABEL)) {
                throw new InvalidInput("query", name, "have parameters of the form label.<key>=<value> only");
            }
            if (values.size() != 1) {
                throw new InvalidInput(name, String.join(",", values), "be given once");
            }
            labels.put(name.substring(LABEL.length()), values.get(0));
        });
        return labels;
    }
}
