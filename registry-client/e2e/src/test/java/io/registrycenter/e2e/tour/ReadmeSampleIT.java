package io.registrycenter.e2e.tour;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java sample, against a real server. */
class ReadmeSampleIT {

    @TempDir
    private Path directory;

    @Test
    void what_one_program_registers_another_sees() throws Exception {
        Programs.Server server = Programs.Server.in(directory);
        LinkedBlockingQueue<ViewChange> seen = new LinkedBlockingQueue<>();
        try (Program running = server.start();
                RegistryClient provider = RegistryClient.builder()
                        .target(server.target())
                        .name("orders")
                        .build();
                RegistryClient client = RegistryClient.builder()
                        .target(server.target())
                        .name("shop")
                        .build()) {
            assertThat(running.pid()).isPositive();
            var registered = provider.register(
                    "orders",
                    Instance.builder("orders-1")
                            .endpoint("grpc", "10.0.0.7", 8080)
                            .build());
            registered.registered().toCompletableFuture().get(20, SECONDS);
            Watch orders = client.watch("orders", seen::add);
            orders.synced().toCompletableFuture().get(20, SECONDS);
            // An acknowledgement says durable; what a watcher is shown first may be a moment older.
            ViewChange newest = seen.poll(20, SECONDS);
            while (newest != null && newest.instances().isEmpty()) {
                newest = seen.poll(20, SECONDS);
            }
            assertThat(newest).isNotNull();
            assertThat(orders.instances()).extracting(Instance::id).containsExactly("orders-1");
            assertThat(orders.view().stale()).isFalse();
        }
    }
}
