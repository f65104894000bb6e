package io.registrycenter.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ids that change hands, are closed during an outage, or whose owner is interrupted: the real client and a real server. */
class SuccessionIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static Programs.Server server;
    private static Program running;

    @BeforeAll
    static void start() {
        // So long that nothing goes in the test's time but by a word of its owner.
        server = Programs.Server.in(directory, "--registry.session.reconnect-grace=5m");
        running = server.start();
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void two_owners_of_one_id_and_the_registry_agree_at_rest() throws Exception {
        Duel.fight(server.target(), server.target(), Proof.times(6, 100));
    }

    @Test
    void a_registration_closed_during_an_outage_does_not_block_its_id() throws Exception {
        Instance instance =
                Instance.builder("a").endpoint("grpc", "10.0.0.7", 8080).build();
        try (RegistryClient client = client(Duration.ofMillis(200))) {
            Registration former = client.register("outage", instance);
            registered(former);
            running.kill();
            former.close();
            Registration newer = client.register("outage", instance);
            assertThat(former.state()).isEqualTo(RegistrationState.CLOSED);
            running = server.start();
            registered(newer);
            Await.until("registered", SOON, () -> count(client, "outage") == 1);
            newer.close();
            Await.until("taken out", SOON, () -> count(client, "outage") == 0);
        }
    }

    @Test
    void a_client_closed_on_an_interrupted_thread_takes_its_instances_out_at_once() throws Exception {
        try (RegistryClient reader = client(Duration.ofSeconds(5))) {
            RegistryClient client = client(Duration.ofSeconds(5));
            registered(client.register("interrupted", Instance.builder("a").build()));
            Await.until("registered", SOON, () -> count(reader, "interrupted") == 1);
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            Thread worker = new Thread(() -> {
                Thread.currentThread().interrupt();
                client.close();
                interrupted.complete(Thread.currentThread().isInterrupted());
            });
            worker.start();
            assertThat(interrupted.get(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Await.until("taken out by the goodbye", SOON, () -> count(reader, "interrupted") == 0);
        }
    }

    private static RegistryClient client(Duration closeTimeout) {
        return RegistryClient.builder()
                .target(server.target())
                .name("succession")
                .closeTimeout(closeTimeout)
                .build();
    }

    private static void registered(Registration registration) throws Exception {
        registration.registered().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static int count(RegistryClient client, String service) {
        return client.instances(Interest.service("default", service))
                .toCompletableFuture()
                .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                .join()
                .instances()
                .size();
    }
}
