package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.registrycenter.session.BrakeState;
import io.registrycenter.session.SessionState;
import io.registrycenter.session.Sessions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

/** More providers vanish at once than is believable: the brake holds, says so everywhere, and an operator releases it. */
class ExpiryBrakeLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** More than may vanish in any case. */
    private static final int PROVIDERS = 60;

    @TempDir
    Path data;

    @Test
    void brakeThatHolds_isInEndpointHealthAndMetrics_readinessStays_andAnOperatorReleasesIt() throws Exception {
        try (LiveServer server = LiveServer.start(data.resolve("data"))) {
            WebTestClient http = WebTestClient.bindToServer()
                    .baseUrl("http://127.0.0.1:" + server.httpPort() + "/actuator")
                    .responseTimeout(PATIENCE)
                    .build();
            http.post()
                    .uri("/sessions/release")
                    .exchange()
                    .expectStatus()
                    .isEqualTo(409)
                    .expectHeader()
                    .contentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON)
                    .expectBody()
                    .jsonPath("$.detail")
                    .value(String.class, value -> assertThat(value).contains("holds nothing"));
            http.post().uri("/sessions/explode").exchange().expectStatus().isNotFound();

            Sessions sessions = server.bean(Sessions.class);
            ManagedChannel providers = server.newChannel();
            Client client = new Client(providers);
            for (int i = 0; i < PROVIDERS; i++) {
                assertThat(client.openSession().id()).isNotEmpty();
            }
            providers.shutdownNow();
            // Some may have gone before there were too many.
            await(() -> sessions.stats().brake() == BrakeState.HOLDING
                    && sessions.stats().held() + sessions.stats().expired() == PROVIDERS);
            int held = sessions.stats().held();
            assertThat(held).isGreaterThan(5);

            http.get()
                    .uri("/sessions?limit=5")
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.brake.state")
                    .isEqualTo("HOLDING")
                    .jsonPath("$.brake.held")
                    .isEqualTo(held)
                    .jsonPath("$.brake.advice")
                    .value(String.class, value -> assertThat(value).contains("POST /actuator/sessions/release"))
                    .jsonPath("$.counts.SUSPECT")
                    .isEqualTo(held)
                    .jsonPath("$.truncated")
                    .isEqualTo(true)
                    .jsonPath("$.suspects.length()")
                    .isEqualTo(5)
                    .jsonPath("$.suspects[0].client.name")
                    .isEqualTo("test");
            http.get()
                    .uri("/health")
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.components.sessions.status")
                    .isEqualTo("UP")
                    .jsonPath("$.components.sessions.details.brake")
                    .isEqualTo("HOLDING")
                    .jsonPath("$.components.sessions.details.held")
                    .isEqualTo(held);
            http.get().uri("/health/readiness").exchange().expectStatus().isOk();
            http.get()
                    .uri("/prometheus")
                    .exchange()
                    .expectBody(String.class)
                    .value(text -> assertThat(text)
                            .contains("registry_sessions_brake{state=\"HOLDING\"} 1.0")
                            .contains("registry_sessions_held " + held + ".0"));

            http.post()
                    .uri("/sessions/release")
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.state")
                    .isEqualTo("PACED");
            await(() -> sessions.stats().count(SessionState.SUSPECT) == 0
                    && sessions.stats().expired() == PROVIDERS);
            await(() -> sessions.stats().brake() == BrakeState.OFF);
        }
    }

    private static void await(BooleanSupplier condition) {
        Awaitility.await().atMost(PATIENCE).until(condition::getAsBoolean);
    }
}
