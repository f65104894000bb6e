package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.proto.v1.ListServicesRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that live for hours are no calls: should the generic timer be switched on, they do not land in it. */
class CallTimerLiveTest {

    @TempDir
    Path data;

    @Test
    void genericCallTimer_countsCalls_andNoStreams() throws Exception {
        try (LiveServer server =
                LiveServer.start(data.resolve("data"), "--spring.grpc.server.observation.enabled=true")) {
            Client client = new Client(server.channel());
            client.greetedWatch().cancel();
            client.openSession().stream().cancel();
            assertThat(client.catalog()
                            .listServices(ListServicesRequest.newBuilder()
                                    .setNamespace("shop")
                                    .build())
                            .getServicesCount())
                    .isZero();
            MeterRegistry meters = server.bean(MeterRegistry.class);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !meters.find("grpc.server").meters().isEmpty());
            String timed = meters.getMeters().stream()
                    .map(Meter::getId)
                    .filter(id -> id.getName().startsWith("grpc.server"))
                    .map(Object::toString)
                    .collect(Collectors.joining("\n"));
            assertThat(timed).contains("ListServices").doesNotContain("Watch").doesNotContain("Attach");
        }
    }
}
