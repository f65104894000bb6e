package io.registrycenter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

class CatalogHttpTest {

    private final View view = new View("epoch");
    private final WebTestClient client = WebTestClient.bindToController(new CatalogController(view))
            .controllerAdvice(new Problems())
            .build();

    CatalogHttpTest() {
        Applier applier = new Applier(view, List.of(), lost -> {});
        applier.load(List.of(record("i1", "eu"), record("i2", "us")), 7);
        applier.caughtUp();
    }

    @Test
    void services_areListed_withTheRevisionAsETag() {
        client.get()
                .uri("/api/v1/namespaces/shop/services")
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .valueMatches("ETag", "\"epoch-7-[0-9a-f]{16}\"")
                .expectBody()
                .jsonPath("$.revision")
                .isEqualTo(7)
                .jsonPath("$.stale")
                .isEqualTo(false)
                .jsonPath("$.services[0].name")
                .isEqualTo("orders")
                .jsonPath("$.services[0].instances")
                .isEqualTo(2);
    }

    @Test
    void instances_areNarrowedByLabels() {
        client.get()
                .uri("/api/v1/namespaces/shop/services/orders/instances?label.region=us")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.instances.length()")
                .isEqualTo(1)
                .jsonPath("$.instances[0].id")
                .isEqualTo("i2");
    }

    @Test
    void instances_unchanged_are304() {
        assertThat(statusWith(view, etagOf(view))).isEqualTo(HttpStatus.NOT_MODIFIED);
    }

    @Test
    void instances_ofTheSameRevisionOfAHistoryThatWasThrownAway_areWhole() {
        View thrownAway = new View("epoch");
        Applier another = new Applier(thrownAway, List.of(), lost -> {
            throw lost;
        });
        another.load(List.of(record("i1", "eu"), record("i3", "us")), 7);
        another.caughtUp();
        assertThat(statusWith(view, etagOf(thrownAway))).isEqualTo(HttpStatus.OK);
    }

    private static String etagOf(View shown) {
        return Objects.requireNonNull(asked(shown, "")
                .expectBody()
                .returnResult()
                .getResponseHeaders()
                .getETag());
    }

    private static HttpStatusCode statusWith(View shown, String etag) {
        return asked(shown, etag).expectBody().returnResult().getStatus();
    }

    private static WebTestClient.ResponseSpec asked(View shown, String etag) {
        return WebTestClient.bindToController(new CatalogController(shown))
                .build()
                .get()
                .uri("/api/v1/namespaces/shop/services/orders/instances")
                .headers(headers -> {
                    if (!etag.isEmpty()) {
                        headers.setIfNoneMatch(etag);
                    }
                })
                .exchange();
    }

    @Test
    void badName_isAProblem_namingFieldValueAndRule() {
        client.get()
                .uri("/api/v1/namespaces/-bad/services")
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.field")
                .isEqualTo("namespace")
                .jsonPath("$.value")
                .isEqualTo("-bad")
                .jsonPath("$.rule")
                .value(rule -> assertThat(String.valueOf(rule)).contains("1..64"));
    }

    @Test
    void unknownParameter_isAProblem() {
        client.get()
                .uri("/api/v1/namespaces/shop/services/orders/instances?region=us")
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.field")
                .isEqualTo("query");
    }

    private static StoredRecord record(String id, String region) {
        Instance instance =
                new Instance("orders", id, List.of(), "", 100, Map.of("region", region), InstanceStatus.UP, 0, 0);
        return new StoredRecord(
                new RecordKey.OfInstance(new InstanceKey("shop", "orders", id)),
                5,
                new InstanceRecord(instance, "session", ""));
    }
}
