package io.registrycenter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.drain.Drain;
import io.registrycenter.drain.DrainState;
import io.registrycenter.grpc.LiveServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.reactive.server.WebTestClient.ResponseSpec;

/** Requests that change something, as curl sends them and as a web page would, to a server whose actuator has its own port. */
class CrossSiteLiveTest {

    @TempDir
    static Path data;

    private static LiveServer server;
    private static WebTestClient management;

    @BeforeAll
    static void start() {
        server = LiveServer.start(
                data.resolve("data"),
                "--management.server.port=0",
                "--registry.http.allowed-hosts=registry.example.com",
                "--registry.drain.timeout=20s");
        management = client(server.managementPort());
    }

    private static WebTestClient client(int port) {
        return WebTestClient.bindToServer().baseUrl("http://127.0.0.1:" + port).build();
    }

    @AfterEach
    void serve() {
        server.bean(Drain.class).cancel();
        assertThat(state()).isEqualTo(DrainState.SERVING);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** The form is what {@code curl -d ''} sends. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "application/x-www-form-urlencoded", "text/plain", "application/json", "nonsense/of-its-own"
            })
    void a_drain_begins_with_any_content_type(String type) {
        for (String body : new String[] {"", "a body that nobody reads"}) {
            WebTestClient.RequestBodySpec request = management.post().uri("/actuator/drain");
            if (!type.isEmpty()) {
                request.contentType(MediaType.valueOf(type));
            }
            (body.isEmpty() ? request : request.bodyValue(body.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                    .exchange()
                    .expectStatus()
                    .isOk();
            assertThat(state()).isNotEqualTo(DrainState.SERVING);
            serve();
        }
    }

    @Test
    void an_operation_with_a_name_takes_any_content_type_too() {
        management
                .post()
                .uri("/actuator/sessions/release")
                .contentType(MediaType.APPLICATION_FORM_URLENCODED)
                .exchange()
                .expectStatus()
                .isEqualTo(409);
    }

    @ParameterizedTest
    @CsvSource({
        "Origin, https://example.com",
        "Origin, null",
        "Origin, http://127.0.0.1:1",
        "Origin, https://registry.example.com:8443",
        "Sec-Fetch-Site, cross-site",
        "Sec-Fetch-Site, same-site",
        "Host, example.com",
        "Host, 10.0.0.7:8080",
    })
    void a_page_of_another_site_changes_nothing(String header, String value) {
        for (HttpMethod method : new HttpMethod[] {HttpMethod.POST, HttpMethod.DELETE, HttpMethod.PUT}) {
            changed(method, Map.of(header, value))
                    .expectStatus()
                    .isForbidden()
                    .expectHeader()
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .expectBody()
                    .jsonPath("$.field")
                    .isEqualTo(header)
                    .jsonPath("$.value")
                    .isEqualTo(value)
                    .jsonPath("$.rule")
                    .isNotEmpty();
            assertThat(state()).isEqualTo(DrainState.SERVING);
        }
    }

    @Test
    void the_page_of_this_server_may_change_something() {
        String own = "127.0.0.1:" + server.managementPort();
        changed(HttpMethod.POST, Map.of("Origin", "http://" + own, "Sec-Fetch-Site", "same-origin"))
                .expectStatus()
                .isOk();
        serve();
        changed(HttpMethod.POST, Map.of("Sec-Fetch-Site", "none"))
                .expectStatus()
                .isOk();
    }

    @Test
    void a_configured_name_may_stand_in_front_of_this_server() {
        changed(HttpMethod.POST, Map.of("Host", "registry.example.com", "Origin", "https://registry.example.com"))
                .expectStatus()
                .isOk();
        serve();
        // A proxy that asks this server by another name than it was asked itself.
        changed(HttpMethod.POST, Map.of("Origin", "https://registry.example.com"))
                .expectStatus()
                .isOk();
    }

    @Test
    void reading_is_not_restricted() {
        management
                .get()
                .uri("/actuator/drain")
                .header("Host", "example.com")
                .header("Origin", "https://example.com")
                .exchange()
                .expectStatus()
                .isOk();
    }

    @Test
    void the_other_port_is_guarded_as_well() {
        client(server.httpPort())
                .post()
                .uri("/api/v1/namespaces/default/services")
                .header("Origin", "https://example.com")
                .exchange()
                .expectStatus()
                .isForbidden();
    }

    private static ResponseSpec changed(HttpMethod method, Map<String, String> headers) {
        return management
                .method(method)
                .uri("/actuator/drain")
                .headers(all -> headers.forEach(all::set))
                .exchange();
    }

    private static DrainState state() {
        return server.bean(Drain.class).status().state();
    }
}
