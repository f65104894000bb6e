package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.grpc.OtherClient.Language;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What clients of other languages are told when this server lets their connection go: they show nothing of a GOAWAY, so it is
 * the status of the call that says why.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OtherLanguagesLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final int UNAVAILABLE = 14;
    private static final String DEFAULTS = "{}";

    /** A ping every tenth of a second, whatever the client thinks of it. */
    private static final String IMPATIENT = """
            {"grpc.keepalive_time_ms": 100, "grpc.keepalive_permit_without_calls": 1,
             "grpc.http2.max_pings_without_data": 0, "grpc.http2.min_time_between_pings_ms": 100}""";

    @TempDir
    static Path data;

    private static LiveServer server;

    @BeforeAll
    static void start() {
        server = LiveServer.start(
                data.resolve("data"),
                "--registry.grpc.max-connections=1",
                // What is written to a client makes its pings count anew.
                "--registry.watch.heartbeat-interval=10s",
                "--registry.watch.heartbeat-timeout=60s",
                "--registry.watch.client-read-timeout=90s");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Order(1)
    @ParameterizedTest
    @EnumSource(Language.class)
    void connectionOverTheLimit_isRefusedOnce_withLimitValueAndRetry(Language language) throws Exception {
        skipIfMissing(language);
        ManagedChannel channel = server.newChannel();
        Conversation<WatchRequest, WatchResponse> served = new Client(channel).greetedWatch();
        double before = count(Meters.LIMITS_HIT, "limit", "connections-per-node");
        try (OtherClient client = OtherClient.watch(language, server.grpcPort(), DEFAULTS)) {
            OtherClient.End end = client.end();
            assertThat(end.code()).as("of %s", end).isEqualTo(RESOURCE_EXHAUSTED);
            assertThat(end.message()).contains("connections-per-node is 1");
            assertThat(end.detail(ErrorInfo.class).getReason()).isEqualTo("LIMIT_EXCEEDED");
            assertThat(end.detail(ErrorInfo.class).getMetadataMap())
                    .containsEntry("limit", "connections-per-node")
                    .containsEntry("allowed", "1")
                    .containsEntry("value", "2");
            assertThat(end.detail(RetryInfo.class).getRetryDelay().getSeconds()).isBetween(5L, 15L);
        }
        await(() -> limit().turnedAwayNow() == 0);
        assertThat(count(Meters.LIMITS_HIT, "limit", "connections-per-node") - before)
                .as("refusals")
                .isOne();
        assertThat(count(Meters.WATCH_CLOSES, "cause", "LIMIT_EXCEEDED"))
                .as("ends of streams that were never welcomed")
                .isZero();
        served.cancel();
        channel.shutdownNow();
        await(() -> limit().servedNow() == 0);
    }

    @Order(2)
    @ParameterizedTest
    @EnumSource(Language.class)
    void tooManyPings_areNamedInTheStatus(Language language) throws Exception {
        skipIfMissing(language);
        try (OtherClient client = OtherClient.watch(language, server.grpcPort(), IMPATIENT)) {
            OtherClient.End end = client.end();
            assertThat(end.code()).as("of %s", end).isEqualTo(RESOURCE_EXHAUSTED);
            assertThat(end.detail(ErrorInfo.class).getReason()).isEqualTo("TOO_MANY_PINGS");
            assertThat(end.detail(RetryInfo.class).hasRetryDelay()).isTrue();
        }
        await(() -> limit().servedNow() == 0);
    }

    /** For one of them: a server leaves once, and what it then says is the same for all. */
    @Order(3)
    @ParameterizedTest
    @EnumSource(value = Language.class, names = "PYTHON")
    void drain_isNamedInTheStatus(Language language) throws Exception {
        skipIfMissing(language);
        try (OtherClient client = OtherClient.watch(language, server.grpcPort(), DEFAULTS)) {
            client.awaitOpen();
            server.stop();
            OtherClient.End end = client.end();
            assertThat(end.code()).as("of %s", end).isEqualTo(UNAVAILABLE);
            assertThat(end.detail(ErrorInfo.class).getReason()).isEqualTo("DRAINING");
            assertThat(end.detail(RetryInfo.class).hasRetryDelay()).isTrue();
        }
    }

    private static void skipIfMissing(Language language) throws InterruptedException {
        String missing = OtherClient.missing(language);
        assumeTrue(missing == null, missing);
    }

    private static ConnectionLimit limit() {
        return server.bean(GrpcTransport.class).connections().limit();
    }

    private static double count(Meters meter, String tag, String value) {
        return server.bean(MeterRegistry.class).find(meter.meterName()).tag(tag, value).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private static void await(BooleanSupplier condition) {
        Awaitility.await().atMost(PATIENCE).until(condition::getAsBoolean);
    }
}
